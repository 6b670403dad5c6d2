"""Key subjects have one canonical name each."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.vault.subjects import KeySubject

kinds = st.from_regex(r"[a-z][a-z_]{0,10}", fullmatch=True)
ids = st.text(min_size=1, max_size=20)


@given(st.tuples(kinds, ids), st.tuples(kinds, ids))
def test_two_subjects_never_share_a_canonical_name(
    one: tuple[str, str], other: tuple[str, str]
) -> None:
    assert (KeySubject(*one).canonical == KeySubject(*other).canonical) is (one == other)


@pytest.mark.parametrize("kind", ["", "User", "user:", "_user", "u" * 33, "user\n"])
def test_a_kind_that_is_no_plain_word_is_refused(kind: str) -> None:
    with pytest.raises(ValueError, match="kind"):
        KeySubject(kind, "usr_1")


@pytest.mark.parametrize("id_", ["", "x" * 129])
def test_an_empty_or_overlong_id_is_refused(id_: str) -> None:
    with pytest.raises(ValueError, match="id"):
        KeySubject("user", id_)
