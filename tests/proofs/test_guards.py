"""The list of guards keeps up with the code; taking them out is `make prove-guards`."""

import pytest

from tests.proofs.prove_guards import ROOT, Guard, guards


@pytest.mark.parametrize("guard", guards(), ids=lambda guard: guard.name)
def test_each_guard_stands_once_where_the_list_says(guard: Guard) -> None:
    assert (ROOT / guard.file).read_text().count(guard.code) == 1
    assert guard.code != guard.without
    assert guard.tests
    for test in guard.tests:
        assert (ROOT / test.partition("::")[0]).is_file()


def test_no_two_guards_have_one_name() -> None:
    names = [guard.name for guard in guards()]
    assert len(names) == len(set(names))
