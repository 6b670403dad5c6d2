"""`manage.py audit_export`."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from audit.models import AuthEvent
from audit.tests.factories import AuthEventFactory, new_user
from audit.types import AuditType

pytestmark = pytest.mark.django_db


def test_it_writes_a_file_and_a_row_of_the_trail(tmp_path: Path) -> None:
    user, target = new_user(), tmp_path / "trail.jsonl"
    rows = [AuthEventFactory.create(subject_user_id=user) for _ in range(3)]
    AuthEventFactory.create()
    out = StringIO()
    call_command("audit_export", str(target), "--user-id", user, stdout=out)
    assert out.getvalue() == f"3 rows in {target}.\n"
    told = [json.loads(line)["id"] for line in target.read_text().splitlines()]
    assert told == [row.public_id for row in reversed(rows)]
    noted = AuthEvent.objects.get(event_type=AuditType.TRAIL_EXPORTED)
    assert noted.metadata["step"] == "written"
    assert noted.metadata["rows"] == 3
    assert [path.name for path in tmp_path.iterdir()] == ["trail.jsonl"]


def test_it_overwrites_nothing_and_refuses_filters_that_make_no_sense(tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.write_text("mine")
    with pytest.raises(CommandError, match="exists already"):
        call_command("audit_export", str(taken))
    with pytest.raises(CommandError, match="No such filter"):
        call_command("audit_export", str(tmp_path / "new"), "--risk", "high")
    assert taken.read_text() == "mine"
