"""People from another service: one JSON object a line, each an account of ours afterwards."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import orjson
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.models import User
from accounts.services.registration import create_imported

LONGEST_LINE = 16_384
LINES_BETWEEN_REPORTS = 1_000
KINDS: dict[str, type] = {
    "email": str,
    "name": str,
    "password_hash": str,
    "verified": bool,
    "phone": str,
    "timezone": str,
    "locale": str,
}
DEMANDED = ("email", "name")

Report = Callable[[str], None]


@dataclass(kw_only=True)
class PeopleImport:
    """How many lines became accounts, had one already, or could not be used; those with number and reason."""

    dry_run: bool
    lines: int = 0
    created: int = 0
    existing: int = 0
    failed: int = 0
    failures: list[dict[str, Any]] = field(default_factory=list)


class UnusableLineError(Exception):
    """The text says why, and nothing of what is in the line."""


def import_people(
    lines: Iterable[bytes], *, dry_run: bool, most_failures: int, report: Report
) -> PeopleImport:
    """An account for each line whose address has none yet: run it again, and it does nothing again.

    Each line is a transaction, so a run that was stopped is continued by another. `most_failures` are named.
    """
    outcome = PeopleImport(dry_run=dry_run)
    for outcome.lines, line in enumerate(lines, 1):
        if line.strip():
            _import_line(line, outcome, most_failures)
        if outcome.lines % LINES_BETWEEN_REPORTS == 0:
            report(
                f"{outcome.lines:,} lines: {outcome.created:,} created, {outcome.failed:,} failed"
            )
    return outcome


def _import_line(line: bytes, outcome: PeopleImport, most_failures: int) -> None:
    try:
        person = _parsed(line)
        if User.objects.with_email(person["email"]).exists():
            outcome.existing += 1
            return
        with transaction.atomic():
            create_imported(**person)
            transaction.set_rollback(outcome.dry_run)
        outcome.created += 1
    except IntegrityError:
        outcome.existing += 1  # registered meanwhile
    except (UnusableLineError, ValidationError) as error:
        outcome.failed += 1
        if len(outcome.failures) < most_failures:
            outcome.failures.append({"line": outcome.lines, "reason": _reason(error)})


def _parsed(line: bytes) -> dict[str, Any]:
    if len(line) > LONGEST_LINE:
        raise UnusableLineError(f"longer than {LONGEST_LINE} bytes")
    try:
        person = orjson.loads(line)
    except orjson.JSONDecodeError:
        raise UnusableLineError("not JSON") from None
    if not isinstance(person, dict):
        raise UnusableLineError("not an object")
    if unknown := len(person.keys() - KINDS.keys()):
        raise UnusableLineError(
            f"{unknown} members that nobody knows; known are {', '.join(KINDS)}"
        )
    for name in DEMANDED:
        if name not in person:
            raise UnusableLineError(f"{name}: missing")
    for name, value in person.items():
        if type(value) is not KINDS[name]:
            raise UnusableLineError(f"{name}: not of the kind {KINDS[name].__name__}")
    return {"password_hash": "", "verified": False, **person}


def _reason(error: UnusableLineError | ValidationError) -> str:
    if isinstance(error, UnusableLineError):
        return str(error)
    codes = (
        f"{name}: {failure.code or 'invalid'}"
        for name, failures in error.error_dict.items()
        for failure in failures
    )
    return ", ".join(codes)
