"""What is wrong with a policy document, place by place."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Flaw:
    """`path` is the place in the document (`condition.all.1.attr`), `code` one word for programs."""

    path: str
    code: str
    detail: str


class PolicyError(ValueError):
    """A document that is no policy; `flaws` holds everything that was found, not the first thing alone."""

    def __init__(self, flaws: Sequence[Flaw]) -> None:
        super().__init__("; ".join(f"{flaw.path or 'policy'}: {flaw.detail}" for flaw in flaws))
        self.flaws = tuple(flaws)


def flawed(path: str, code: str, detail: str) -> PolicyError:
    """The error of a single flaw."""
    return PolicyError([Flaw(path, code, detail)])
