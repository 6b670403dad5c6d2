"""What a test or a condition can come to: true, false, or unknown and why (Kleene's strong three-valued logic)."""

from collections.abc import Iterable
from enum import Enum


class Unknown(Enum):
    """Why nothing can be said. Neither true nor false: always compare with `is`."""

    MISSING = "missing"
    WRONG_TYPE = "wrong_type"


Outcome = bool | Unknown


def negate(outcome: Outcome) -> Outcome:
    """Not true is false, not false is true, and what is unknown stays unknown."""
    if outcome is True:
        return False
    return True if outcome is False else outcome


def any_of(outcomes: Iterable[Outcome]) -> Outcome:
    """True when one is; else unknown when one is; else false. Looks no further than the first true one."""
    result: Outcome = False
    for outcome in outcomes:
        if outcome is True:
            return True
        if outcome is not False:
            result = outcome
    return result


def all_of(outcomes: Iterable[Outcome]) -> Outcome:
    """False when one is; else unknown when one is; else true. Looks no further than the first false one."""
    result: Outcome = True
    for outcome in outcomes:
        if outcome is False:
            return False
        if outcome is not True:
            result = outcome
    return result
