"""How long everything is kept: the document that operators read, made from what the models declare."""

from pathlib import Path

from django.conf import settings

from audit.privacy.registry import Holding, Impersonal, Retention, declarations
from config.jobs.schedule import registered
from config.settings.sections.section import PROJECT_ROOT

DOCUMENT: Path = PROJECT_ROOT / "docs" / "operators" / "retention.md"
HEAD = """# What is kept, and for how long

Made from the models' declarations by `manage.py retention_reference`; a test compares. How people get at their data and
how it is erased is told in `privacy.md`. Times are those of the defaults; the setting in brackets changes them.

| table | what of a person | archive | kept | erasure | because |
| --- | --- | --- | --- | --- | --- |
"""
TASKS = """
## What sees to it

| periodic task | what it does |
| --- | --- |
"""
BESIDE = """
## Beside the tables

| where | what | kept |
| --- | --- | --- |
| the stream of events | what others were told | {stream} (`STREAM_RETENTION`); without those who are erased |
| `ARCHIVE_DIR` | archives | {archive} (`ARCHIVE_LIFETIME`); an erasure deletes them |
| logs | ids, masked addresses, networks of IP addresses | by whoever collects them |
| backups | all tables | by you; what is sealed under a person's key stays unreadable, see `privacy.md` |
"""


def document() -> str:
    """The whole of it."""
    rows = "".join(_row(each) for each in declarations())
    named = {each.retention.task for each in declarations()} - {""}
    tasks = "".join(
        f"| {name} | {entry.description} |\n"
        for name, entry in sorted(registered().items())
        if name in named or name == "Erase people whose grace is over" or "archives" in name
    )
    environment = settings.ENVIRONMENT
    beside = BESIDE.format(
        stream=_span(type(environment).model_fields["stream_retention"].default),
        archive=_span(type(environment).model_fields["archive_lifetime"].default),
    )
    return HEAD + rows + TASKS + tasks + beside


def _row(each: Holding | Impersonal) -> str:
    if isinstance(each, Impersonal):
        return f"| {each.model} | nothing: {each.why} | | {_kept(each.retention)} | | |\n"
    archive = f"`{each.area}.json`" if each.area else f"no: {each.withheld['*']}"
    what = "of the person" if each.area else "yes"
    return f"| {each.model} | {what} | {archive} | {_kept(each.retention)} | {each.fate} | {each.why} |\n"


def _kept(retention: Retention) -> str:
    if not retention.setting:
        return retention.text
    default = type(settings.ENVIRONMENT).model_fields[retention.setting].default
    months = retention.setting.endswith("_months")
    span = f"{default} months" if months else _span(default)
    return f"{span} (`{retention.setting.upper()}`)"


def _span(seconds: int) -> str:
    for length, name in ((86_400, "day"), (3600, "hour"), (60, "minute")):
        if seconds % length == 0:
            number = seconds // length
            return f"{number} {name}{'s' if number != 1 else ''}"
    return f"{seconds} seconds"
