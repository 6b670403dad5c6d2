"""`manage.py audit_partitions` as an operator sees it."""

import json
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from audit.months import Month
from audit.services import partitions
from audit.tests.services.test_partitions import make, somebody_reads_the_trail

pytestmark = pytest.mark.usefixtures("native_partitions")


def run(*arguments: str) -> str:
    output = StringIO()
    call_command("audit_partitions", *arguments, stdout=output)
    return output.getvalue()


def report(*arguments: str) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(run("--json", *arguments))
    return parsed


@pytest.mark.django_db
def test_a_dry_run_says_what_would_be_done_and_does_nothing(
    environment: Callable[..., None],
) -> None:
    environment(audit_months_ahead=4, audit_retention_months=1)
    month = Month.of(timezone.now())
    make(month.plus(-2))
    existing = [str(known) for known in partitions.existing()]
    assert report("--dry-run", "--drop-expired") == {
        "dry_run": True,
        "made": [str(month.plus(4))],
        "dropped": [str(month.plus(-2))],
        "existing": existing,
        "stray_rows": 0,
    }
    assert [str(known) for known in partitions.existing()] == existing


@pytest.mark.django_db
def test_it_makes_what_is_missing_and_drops_only_when_asked(
    environment: Callable[..., None],
) -> None:
    environment(audit_months_ahead=4, audit_retention_months=1)
    month = Month.of(timezone.now())
    make(month.plus(-2))
    first = report()
    assert (first["made"], first["dropped"]) == ([str(month.plus(4))], [])
    second = report("--drop-expired")
    assert (second["made"], second["dropped"]) == ([], [str(month.plus(-2))])


@pytest.mark.django_db
def test_people_read_lines() -> None:
    text = run()
    assert "made: none\n" in text
    assert f"existing: {Month.of(timezone.now())}, " in text


@pytest.mark.django_db(transaction=True)
def test_a_busy_trail_fails_the_command(environment: Callable[..., None]) -> None:
    environment(audit_retention_months=1)
    expired = Month.of(timezone.now()).plus(-2)
    make(expired)
    with somebody_reads_the_trail(), pytest.raises(CommandError, match="in use"):
        run("--drop-expired")
    assert report("--drop-expired")["dropped"] == [str(expired)]
