"""The part of the page about broker accounts that is written from the state machine itself."""

from pathlib import Path

from django.conf import settings
from django.utils import translation

from trading.models import AccountStatus
from trading.next_steps import next_step, told
from trading.services.transitions import ARROWS, Cause

PAGE = Path(settings.BASE_DIR) / "docs" / "integrators" / "broker-accounts.md"
BEGIN = "<!-- Written by `manage.py account_states`: from here -->"
END = "<!-- to here -->"
FIRST, LAST = AccountStatus.PENDING_LOGIN, AccountStatus.UNLINKED


class NoPlaceError(LookupError):
    """The page has no marks to write between."""


def rewritten(page: str) -> str:
    """The page with what is between its marks as it should be. Raises NoPlaceError."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise NoPlaceError(f"The marks are missing: {BEGIN} … {END}")
    return f"{before}{BEGIN}\n\n{written()}\n{END}{after}"


def written() -> str:
    """The diagram, and a table of statuses and one of what moves an account between them."""
    with translation.override("en"):
        return "\n".join([*_diagram(), "", *_statuses(), "", *_causes(), ""])


def _diagram() -> list[str]:
    arrows = [
        f"    {source} --> {arrow.target.value}: {cause.value}"
        for cause, arrow in ARROWS.items()
        for source in _ordered(cause)
    ]
    return [
        "```mermaid",
        "stateDiagram-v2",
        f"    [*] --> {FIRST.value}",
        *arrows,
        f"    {LAST.value} --> [*]",
        "```",
    ]


def _statuses() -> list[str]:
    rows = [
        f"| `{status.value}` | `{next_step(status).value}` | {told(status)} |"
        for status in AccountStatus
    ]
    return ["| `status` | `next_step` | `advice` |", "| --- | --- | --- |", *rows]


def _causes() -> list[str]:
    rows = [
        f"| {cause.value.replace('_', ' ')} | {_names(_ordered(cause))} | `{arrow.target.value}` |"
        for cause, arrow in ARROWS.items()
    ]
    return ["| what happens | to an account that is | and then is |", "| --- | --- | --- |", *rows]


def _ordered(cause: Cause) -> list[str]:
    """In the order in which statuses are declared."""
    return [status.value for status in AccountStatus if status in ARROWS[cause].sources]


def _names(statuses: list[str]) -> str:
    return ", ".join(f"`{status}`" for status in statuses)
