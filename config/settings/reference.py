"""`.env.example` and the operators' page on settings, written from `Environment` and the demands of production."""

import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo

from config.settings.demands import DEMANDS
from config.settings.environment import Environment
from config.settings.sections.section import PROJECT_ROOT, Day, Hour, Minute, Section

SECTIONS: tuple[type[Section], ...] = tuple(
    base for base in Environment.__bases__ if issubclass(base, Section)
)
# Fields whose default is written as a product of units
TIMES = {
    name
    for section in SECTIONS
    for name in re.findall(
        r"^    (\w+): int = Field\(\s*[\d_]+ \* (?:Minute|Hour|Day)\b",
        inspect.getsource(section),
        re.MULTILINE,
    )
}
UNITS = ((Day, "day"), (Hour, "hour"), (Minute, "minute"))


def documents() -> dict[Path, str]:
    """The text of each file that is written from the settings."""
    return {
        PROJECT_ROOT / ".env.example": env_example(),
        PROJECT_ROOT / "docs" / "operators" / "settings.md": settings_page(),
    }


def env_example() -> str:
    """A `.env` in which every variable is there with its default, commented out."""
    lines = [
        "# Copy this to .env and set what you need. Variables of the process win over the file.",
        "# Written by `manage.py settings_reference`.",
    ]
    for section, fields in _sections():
        lines += ["", f"# --- {section} ---"]
        for name, field in fields:
            lines += ["", f"# {_meaning(field)}", f"# {name.upper()}={_default(field)}"]
    return "\n".join(lines) + "\n"


def settings_page() -> str:
    """The page: what production demands, then a table for each section."""
    lines = [
        "# Settings",
        "",
        "Everything is set by environment variables, or in a `.env` file beside `manage.py`; the process's own win. "
        "A value that cannot be read stops the start and is named. Times are in seconds.",
        "",
        "Every secret may stand in a file instead: `SECRET_KEY_FILE=/run/secrets/secret_key` is `SECRET_KEY`, read "
        "from there at the start. That is a variable of the process; `.env` does not know it.",
        "",
        "This page is written by `manage.py settings_reference`.",
        "",
        "## What production demands",
        "",
        "`config.settings.production` refuses to start, and names all that is wrong at once, unless:",
        "",
        *(f"- {_first_line(demand)}" for demand in DEMANDS),
    ]
    for section, fields in _sections():
        lines += [
            "",
            f"## {section}",
            "",
            "| Variable | Values | Default | Meaning |",
            "| --- | --- | --- | --- |",
        ]
        for name, field in fields:
            cells = [
                f"`{name.upper()}`",
                _values(field),
                _default_cell(name, field),
                _meaning(field),
            ]
            lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def _sections() -> Iterator[tuple[str, list[tuple[str, FieldInfo]]]]:
    """Each heading with its fields."""
    for section in SECTIONS:
        yield inspect.getdoc(section) or "", list(section.model_fields.items())


def _meaning(field: FieldInfo) -> str:
    return field.description or ""


def _default(field: FieldInfo) -> str:
    value = field.default
    if value is None:
        return ""
    if isinstance(value, list):
        return ",".join(map(str, value))
    if isinstance(value, Path) and value.is_relative_to(PROJECT_ROOT):
        return str(value.relative_to(PROJECT_ROOT))
    return str(value)


def _default_cell(name: str, field: FieldInfo) -> str:
    text = _default(field)
    if not text:
        return "unset"
    return f"`{text}` ({_in_words(field.default)})" if name in TIMES else f"`{text}`"


def _in_words(seconds: int) -> str:
    """`15 minutes`"""
    size, unit = next((size, unit) for size, unit in UNITS if seconds % size == 0)
    count = seconds // size
    return f"{count} {unit}{'s' if count > 1 else ''}"


def _values(field: FieldInfo) -> str:
    kind: Any = field.annotation
    if get_origin(kind) is Literal:
        return ", ".join(f"`{choice}`" for choice in get_args(kind))
    if get_origin(kind) is list:
        return "list"
    names = [member.__name__ for member in get_args(kind) or [kind] if member is not type(None)]
    spoken = {
        "SecretStr": "secret",
        "str": "text",
        "Path": "path",
        "int": "number",
        "float": "number",
    }
    return " ".join([spoken.get(name, name) for name in names] + _bounds(field))


def _bounds(field: FieldInfo) -> list[str]:
    """`["1 to 65535"]`, `["at least 1024"]`"""
    limits = {
        sign: getattr(rule, sign)
        for rule in field.metadata
        for sign in ("ge", "gt", "le")
        if hasattr(rule, sign)
    }
    least, most = limits.get("ge"), limits.get("le")
    if least is not None and most is not None:
        return [f"{least} to {most}"]
    words = {"ge": "at least", "gt": "more than", "le": "at most"}
    return (
        [" and ".join(f"{words[sign]} {limit}" for sign, limit in limits.items())] if limits else []
    )


def _first_line(demand: object) -> str:
    return (inspect.getdoc(demand) or "").splitlines()[0]
