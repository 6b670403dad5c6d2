"""`manage.py audit_verify`."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from audit.tests.chain.tampering import chained, tamper
from audit.tests.factories import AuthEventFactory

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> tuple[int, str]:
    """Its exit code, and what it wrote."""
    out, code = StringIO(), 0
    try:
        call_command("audit_verify", *arguments, stdout=out, stderr=StringIO())
    except SystemExit as end:
        code = int(end.code or 0)
    return code, out.getvalue()


def test_it_gives_waiting_rows_their_place_and_finds_nothing() -> None:
    AuthEventFactory.create_batch(3)
    assert run() == (0, "3 rows verified, 0 waiting: all as it was written.\n")


def test_what_was_altered_is_named_and_ends_it_with_2() -> None:
    row = chained(2)[1]
    tamper("UPDATE audit_authevent SET actor_id = 'x' WHERE event_id = %s", row.event_id)
    code, text = run()
    assert code == 2
    assert f"kind altered, event_id {row.public_id}, day {row.occurred_at:%Y-%m-%d}" in text
    code, text = run("--json")
    report = json.loads(text)
    assert (code, report["intact"], report["counts"]) == (2, False, {"altered": 1})
    assert report["findings"][0]["position"] == 2


def test_days_that_are_none_are_refused() -> None:
    with pytest.raises(CommandError, match="a day such as"):
        run("--from", "yesterday")
    with pytest.raises(CommandError, match="before the first"):
        run("--from", "2026-11-02", "--to", "2026-11-01")
