"""Patterns that make a backtracking engine stand still cost ours what any other pattern costs."""

import pytest

from authz.engine.errors import PolicyError
from authz.tests.engine.asking import outcome

# The run's own time limit is the judge: with backtracking each of these takes longer than the universe is old.
CATASTROPHES = [
    (r"(a+)+b", "a" * 1_024),
    (r"(a|aa)+b", "a" * 1_024),
    (r"(.*a){12}b", "a" * 1_024),
    (r"([a-zA-Z]+)*\d", "a" * 1_024),
    (r"(x+x+)+y", "x" * 1_024),
]


@pytest.mark.parametrize(("pattern", "text"), CATASTROPHES)
def test_a_catastrophic_pattern_is_answered(pattern: str, text: str) -> None:
    condition = {"attr": "context.it", "matches": pattern}
    assert outcome(condition, context={"it": text}) is False


@pytest.mark.parametrize(
    "pattern",
    [
        r"(a)\1",
        r"(?=a)a",
        r"(?<!a)b",
        "(",
        "[",
        r"\8",
        "a{1001}",
        "((a{100}){100}){100}",
        "(?P<n",
    ],
)
def test_what_cannot_be_linear_or_is_too_large_does_not_compile(pattern: str) -> None:
    with pytest.raises(PolicyError) as caught:
        outcome({"attr": "context.it", "matches": pattern})
    assert [flaw.path for flaw in caught.value.flaws] == ["condition.matches"]
