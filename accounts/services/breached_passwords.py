"""Whether a password is on a list of breached ones, and bringing that list up to date.

Two lists count: the one that ships with the project, and the operator's own in BREACHED_PASSWORDS_FILE.
"""

import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import structlog
from django.conf import settings

from accounts.breached.dumps import DumpFormat, Findings, format_of, read_digests
from accounts.breached.errors import BreachedListError
from accounts.breached.filter_file import BreachedList, digest_of, size_for
from accounts.breached.variations import shipped_passwords

log = structlog.get_logger(__name__)

SHIPPED = Path(__file__).parent.parent / "breached" / "shipped.filter"
SHIPPED_RATE = 1e-5
LINES_BETWEEN_REPORTS = 1_000_000

Report = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Update:
    """What an update found, and the list that it made; with a dry run, would have made."""

    path: str
    format: str
    lines: int
    passwords: int
    below_min_count: int
    bad: int
    bad_lines: list[str]
    bytes: int
    false_positive_rate: float
    dry_run: bool


def is_breached(password: str) -> bool:
    """Whether `password`, as it is or in lower case, is on a list. Takes microseconds and asks nobody.

    One that is not may be taken for one that is, with the false-positive rate that `stats` tells.
    """
    exact = unicodedata.normalize("NFC", password)
    digests = {digest_of(exact), digest_of(exact.strip().lower())}
    return any(digest in known for known in _lists() for digest in digests)


def stats() -> list[dict[str, Any]]:
    """A row for each list: where it is, its size, its passwords and the rate of false alarms.

    Raises BreachedListError and OSError for a list that cannot be used.
    """
    return [
        {
            "path": str(path),
            "passwords": known.passwords,
            "false_positive_rate": known.rate,
            "bytes": path.stat().st_size,
        }
        for path in _paths()
        for known in [BreachedList.read(path)]
    ]


def update(
    *, source: Path, target: Path, min_count: int, rate: float, dry_run: bool, report: Report
) -> Update:
    """Make the list `target` of the dump `source`, which is read twice: to count, and to fill.

    Processes that run go on with the list that they have loaded. Raises OSError, EOFError, and BreachedListError for a
    dump without one good line, in which case `target` stays as it is.
    """
    form, findings = format_of(source), Findings()
    for _ in _reporting("counted", _digests(source, form, min_count, findings), report):
        pass
    if not findings.good:
        raise BreachedListError("no line of it could be used")
    size = size_for(findings.good, rate)
    if not dry_run:
        digests = _digests(source, form, min_count, Findings())
        made = BreachedList.of(
            _reporting("added", digests, report), expected=findings.good, rate=rate
        )
        size = made.write(target)
    return Update(
        path=str(target),
        format=form.value,
        lines=findings.lines,
        passwords=findings.good,
        below_min_count=findings.rare,
        bad=findings.bad,
        bad_lines=findings.bad_lines,
        bytes=size,
        false_positive_rate=rate,
        dry_run=dry_run,
    )


def rebuild_shipped() -> dict[str, Any]:
    """Make the list that ships with the project anew: for a release, after Django's own list has changed."""
    passwords = shipped_passwords()
    digests = map(digest_of, sorted(passwords))
    made = BreachedList.of(digests, expected=len(passwords), rate=SHIPPED_RATE)
    return {
        "path": str(SHIPPED),
        "passwords": made.passwords,
        "false_positive_rate": made.rate,
        "bytes": made.write(SHIPPED),
    }


def facts_of(done: Update) -> dict[str, Any]:
    """For machines."""
    return asdict(done)


def _paths() -> tuple[Path, ...]:
    own = settings.ENVIRONMENT.breached_passwords_file
    return (SHIPPED,) if own is None else (SHIPPED, own)


def _lists() -> tuple[BreachedList, ...]:
    return tuple(known for path in _paths() if (known := _loaded(path)) is not None)


@cache
def _loaded(path: Path) -> BreachedList | None:
    """Once in a process. An operator's list that cannot be used is told of once, and ours still counts.

    Raises BreachedListError and OSError when it is ours, without which the project is not whole.
    """
    try:
        return BreachedList.read(path)
    except (OSError, BreachedListError) as error:
        if path == SHIPPED:
            raise
        log.error("breached_passwords.unusable", path=str(path), reason=str(error))  # noqa: TRY400 - it says it all
        return None


def _digests(source: Path, form: DumpFormat, min_count: int, findings: Findings) -> Iterator[bytes]:
    return read_digests(source, form=form, min_count=min_count, findings=findings)


def _reporting(word: str, digests: Iterator[bytes], report: Report) -> Iterator[bytes]:
    for number, digest in enumerate(digests, 1):
        if number % LINES_BETWEEN_REPORTS == 0:
            report(f"{word} {number:,} passwords")
        yield digest
