"""JSON that somebody types: read strictly, and what is wrong with it told with its line."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from authz.engine.errors import Flaw, PolicyError
from config.http import json as strict_json
from config.http.problems import MalformedBodyError

TOKEN = re.compile(
    r'(?P<mark>[{}\[\],:])|(?P<string>"(?:[^"\\]|\\.)*")|(?P<literal>[^\s{}\[\],:"]+)|(?P<end>\n)'
)
MALFORMED = re.compile(r"Not JSON at line (\d+), column (\d+)\.")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, and where: the path within the document, and the line of the text, None when that is unknown."""

    path: str
    detail: str
    line: int | None = None


class FaultyTextError(Exception):
    """A text that was not taken; `faults` are in the order of their lines."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("; ".join(fault.detail for fault in faults))
        self.faults = faults


def read(text: str, check: Callable[[Any], object] = lambda value: value) -> Any:
    """The value of the text, once `check` takes it. Raises FaultyTextError."""
    try:
        value = strict_json.parse(text.encode(errors="surrogatepass"))
        check(value)
    except MalformedBodyError as problem:
        raise FaultyTextError([_malformed(problem.detail or problem.title)]) from None
    except PolicyError as error:
        raise FaultyTextError(with_lines(error.flaws, text)) from None
    return value


def with_lines(flaws: tuple[Flaw, ...], text: str) -> list[Fault]:
    """The flaws of the document that `text` is, each with its line."""
    lines = lines_of(text)
    found = [Fault(flaw.path, flaw.detail, _nearest(flaw.path, lines)) for flaw in flaws]
    return sorted(found, key=lambda fault: fault.line or 0)


def lines_of(text: str) -> dict[str, int]:
    """The line of every value in a JSON text, by its path (`condition.all.1.attr`); that of the whole is under "".

    For a text that is JSON: of another one, those up to where it stops to be.
    """
    lines = {"": 1}
    open_ones: list[_Open] = []
    line = 1
    for token in TOKEN.finditer(text):
        if token["end"]:
            line += 1
            continue
        if token["mark"] in {"}", "]"}:
            if open_ones:
                open_ones.pop()
            continue
        if token["mark"] in {",", ":"}:
            if open_ones:
                open_ones[-1].take(token["mark"])
            continue
        if open_ones and open_ones[-1].wants_key:
            open_ones[-1].key = json.loads(token["string"]) if token["string"] else ""
            lines[open_ones[-1].place] = line
            continue
        path = open_ones[-1].place if open_ones else ""
        lines.setdefault(path, line)
        if token["mark"]:
            open_ones.append(_Open(path, is_object=token["mark"] == "{"))
    return lines


@dataclass(slots=True)
class _Open:
    """An object or a list that has begun, and where in it one is."""

    path: str
    is_object: bool
    key: str = ""
    index: int = 0
    wants_key: bool = False

    def __post_init__(self) -> None:
        self.wants_key = self.is_object

    @property
    def place(self) -> str:
        step = self.key if self.is_object else str(self.index)
        return f"{self.path}.{step}".lstrip(".")

    def take(self, mark: str) -> None:
        self.wants_key = self.is_object and mark == ","
        self.index += mark == ","


def _nearest(path: str, lines: dict[str, int]) -> int:
    """The line of the place, or of the innermost that there is around it."""
    while path and path not in lines:
        path = path.rpartition(".")[0]
    return lines[path]


def _malformed(detail: str) -> Fault:
    found = MALFORMED.fullmatch(detail)
    if found is None:
        return Fault("", detail)
    told = _(
        "This is not JSON at column %(column)s: a comma, a quote or a bracket is missing or too many, here or before."
    )
    return Fault("", told % {"column": found[2]}, int(found[1]))
