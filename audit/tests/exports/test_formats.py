"""Each format says all of a row, and harms nobody who opens it."""

import csv
import json
import re
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from audit.exports.formats import COLUMNS, WRITERS, Row
from audit.exports.ocsf import ACTIVITIES, ACTIVITY, ocsf_event, table
from audit.models import AuthEvent
from audit.tests.factories import AuthEventFactory
from audit.types import AuditType

PAGE = Path(settings.BASE_DIR) / "docs/integrators/audit-exports.md"


def a_row(**fields: Any) -> Row:
    row = AuthEventFactory.build(
        occurred_at=datetime(2026, 1, 2, 3, 4, 5, 678_901, tzinfo=UTC),
        metadata={"method": "password"},
        **fields,
    )
    return {name: getattr(row, name) for name in COLUMNS}


def written(name: str, *rows: Row) -> str:
    """In two pages, as an export would be."""
    writer = WRITERS[name]
    pages = [writer.rows(rows[:1], True), writer.rows(rows[1:], not rows[:1])]
    return b"".join([writer.opening, *pages, writer.closing]).decode()


def test_no_column_of_the_trail_is_left_out() -> None:
    assert set(COLUMNS) == {field.attname for field in AuthEvent._meta.concrete_fields}


@pytest.mark.parametrize("number", [0, 1, 3])
def test_json_is_one_object_with_every_row(number: int) -> None:
    text = written("json", *(a_row() for _ in range(number)))
    assert len(json.loads(text)["events"]) == number


def test_json_lines_are_rows_as_the_api_tells_them() -> None:
    row = a_row(ip="192.0.2.8")
    [told] = [json.loads(line) for line in written("jsonl", row).splitlines()]
    assert told["occurred_at"] == "2026-01-02T03:04:05.678901Z"
    assert (told["ip"], told["ocsf_class_uid"]) == ("192.0.2.8", 3002)
    assert told["metadata"] == {"method": "password"}


@pytest.mark.parametrize("start", [*"=+-@\t\r\n", "\uff1d"])
def test_no_cell_of_a_csv_is_a_formula(start: str) -> None:
    [_, cells] = csv.reader(StringIO(written("csv", a_row(user_agent=f"{start}HYPERLINK(1)"))))
    assert f"'{start}HYPERLINK(1)" in [cell.replace("\r\n", "\n") for cell in cells]


def test_a_csv_has_a_header_and_a_cell_for_each_column() -> None:
    [header, cells] = csv.reader(StringIO(written("csv", a_row(user_agent='a "b", c'))))
    told = dict(zip(header, cells, strict=True))
    assert told["id"].startswith("evt_")
    assert told["user_agent"] == 'a "b", c'
    assert json.loads(told["metadata"]) == {"method": "password"}
    assert told["risk_score"] == ""


def test_a_row_in_ocsf() -> None:
    told = ocsf_event(a_row(event_type=AuditType.SIGN_IN_FAILED, outcome="failure", risk_score=71))
    assert (told["class_uid"], told["category_uid"], told["type_uid"]) == (3002, 3, 300_201)
    assert (told["activity_id"], told["status_id"], told["severity_id"]) == (1, 2, 3)
    assert told["time"] == 1_767_323_045_679
    assert told["unmapped"]["metadata"] == {"method": "password"}


def test_a_type_of_a_newer_release_is_a_base_event() -> None:
    told = ocsf_event(a_row(event_type="future.thing"))
    assert (told["class_uid"], told["activity_id"]) == (0, 99)
    assert told["unmapped"]["event_type"] == "future.thing"


@pytest.mark.parametrize("kind", ACTIVITY)
def test_every_activity_is_one_of_its_class(kind: AuditType) -> None:
    assert ACTIVITY[kind] in ACTIVITIES[kind.ocsf_class]


def test_the_page_has_the_table_that_the_code_makes() -> None:
    found = re.search(r"^\| type \| class.*", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    assert found is not None
    assert found[0].strip() == table()
