"""A folder of files: what is in it, with everything that is wrong."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from authz.as_code.formats import LARGEST_FILE, SUFFIXES, Format, dump, load
from authz.as_code.parts import Part
from authz.engine.errors import Flaw, PolicyError

MOST_FILES = 20_000


@dataclass(frozen=True, slots=True)
class FileFlaw:
    """What is wrong in which file; `path` is the place in it, "" for all of it."""

    file: str
    path: str
    code: str
    detail: str

    @classmethod
    def of(cls, file: str, flaw: Flaw) -> "FileFlaw":
        return cls(file, flaw.path, flaw.code, flaw.detail)


@dataclass(slots=True)
class Contents:
    """The values of one part by name, and the file of each."""

    values: dict[str, Any] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)


def read(folder: Path, part: Part, flaws: list[FileFlaw]) -> Contents:
    """Everything in the part's folder; what is wrong is added to `flaws`."""
    contents = Contents()
    found = sorted((folder / part.folder).glob("*"))
    if len(found) > MOST_FILES:
        flaws.append(FileFlaw(part.folder, "", "length", f"More than {MOST_FILES} files."))
        return contents
    for file in found:
        shown = str(file.relative_to(folder))
        try:
            value = _value(file)
            name = part.name_of(value)
        except PolicyError as error:
            flaws += [FileFlaw.of(shown, flaw) for flaw in error.flaws]
            continue
        if name in contents.files:
            detail = f"{contents.files[name]} holds {name} already."
            flaws.append(FileFlaw(shown, "", "repeated", detail))
            continue
        contents.values[name], contents.files[name] = value, shown
    return contents


def _value(file: Path) -> Any:
    form = SUFFIXES.get(file.suffix)
    if form is None or not file.is_file():
        raise PolicyError([Flaw("", "unknown", "Neither .json nor .yaml.")])
    if file.stat().st_size > LARGEST_FILE:
        raise PolicyError([Flaw("", "length", f"A file has at most {LARGEST_FILE} bytes.")])
    return load(file.read_bytes(), form)


def write(folder: Path, part: Part, form: Format) -> list[str]:
    """Make the part's folder hold what is stored and nothing else; the files written, from `folder`."""
    place = folder / part.folder
    place.mkdir(parents=True, exist_ok=True)
    files = {f"{name}.{form}": dump(value, form) for name, value in _sorted(part.stored())}
    for stale in place.iterdir():
        if stale.suffix in SUFFIXES and stale.name not in files:
            stale.unlink()
    for name, content in files.items():
        (place / name).write_bytes(content)
    return [f"{part.folder}/{name}" for name in files]


def _sorted(values: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return sorted(values.items())
