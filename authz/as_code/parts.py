"""The kinds of things that a folder holds, each in a folder of its own."""

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from authz.as_code.entities import EntityPart
from authz.as_code.policies import PolicyPart
from authz.as_code.roles import RolePart
from authz.engine.errors import Flaw
from authz.services.case_runs import Watched


class Part(Protocol):
    """One kind. A value is what stands in a file, and says its own name.

    `always`: a folder that has none of them says that there are to be none. Otherwise it says nothing of them.
    """

    folder: str
    always: bool

    def stored(self) -> Mapping[str, Any]:
        """Everything there is, by name."""
        ...

    def name_of(self, value: Any) -> str:
        """The name in a value. Raises PolicyError for a value that is none of this kind."""
        ...

    def write(self, value: Any, *, reason: str, within: Watched) -> None:
        """Create it, or bring what is stored in line. Raises ProblemError."""
        ...

    def remove(self, name: str, *, reason: str, within: Watched) -> None:
        """Take it away. Raises ProblemError."""
        ...

    def after(self) -> Iterator[tuple[str, Flaw]]:
        """What is wrong, by name, once everything is written."""
        ...


def parts() -> tuple[Part, ...]:
    """Each kind, in the order in which they are written; new for every exchange."""
    return (RolePart(), EntityPart(), PolicyPart())
