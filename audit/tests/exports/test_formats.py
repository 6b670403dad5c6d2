"""Each format says all of a row, and harms nobody who opens it."""

import csv
import json
import re
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from audit.exports import reading
from audit.exports.formats import CELLS, WRITERS, ExportFormat
from audit.exports.ocsf import ACTIVITIES, ACTIVITY, table
from audit.models import AuthEvent
from audit.tests.exports import slow_formats
from audit.tests.factories import AuthEventFactory
from audit.trail_filter import TrailFilter
from audit.types import AuditType

pytestmark = pytest.mark.django_db

PAGE = Path(settings.BASE_DIR) / "docs/integrators/audit-exports.md"
FAR = datetime(9000, 1, 1, tzinfo=UTC)


def a_row(**fields: Any) -> AuthEvent:
    moment = datetime(2026, 1, 2, 3, 4, 5, 678_901, tzinfo=UTC)
    return AuthEventFactory.create(
        **{"occurred_at": moment, "metadata": {"method": "password"}} | fields
    )


def written(name: str) -> str:
    """The whole trail, as an export of several pages."""
    writer, rows = WRITERS[name], 0
    content = writer.opening
    for page in reading.pages_of(writer, TrailFilter(), FAR):
        content += writer.go_on(page.text, first=rows == 0)
        rows += page.rows
    return (content + writer.closing).decode()


@pytest.fixture(autouse=True)
def _short_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "PAGE", 2)


def test_no_column_of_the_trail_is_left_out() -> None:
    columns = {field.attname for field in AuthEvent._meta.concrete_fields}
    assert set(CELLS) - {"id"} == columns - {"event_id"}


@pytest.mark.parametrize("number", [0, 1, 3])
def test_json_is_one_object_with_every_row(number: int) -> None:
    for _ in range(number):
        a_row()
    assert len(json.loads(written("json"))["events"]) == number


def test_json_lines_are_rows_as_the_api_tells_them() -> None:
    row = a_row(ip="192.0.2.8")
    [told] = [json.loads(line) for line in written("jsonl").splitlines()]
    assert told["id"] == row.public_id
    assert told["occurred_at"] == "2026-01-02T03:04:05.678901Z"
    assert (told["ip"], told["ocsf_class_uid"]) == ("192.0.2.8", 3002)
    assert told["metadata"] == {"method": "password"}


@pytest.mark.parametrize("start", [*"=+-@\t\r\n", "\uff1d"])
def test_no_cell_of_a_csv_is_a_formula(start: str) -> None:
    a_row(user_agent=f"{start}HYPERLINK(1)")
    [_, cells] = csv.reader(StringIO(written("csv")))
    assert f"'{start}HYPERLINK(1)" in [cell.replace("\r\n", "\n") for cell in cells]


def test_a_csv_has_a_header_and_a_cell_for_each_column() -> None:
    a_row(user_agent='a "b", c')
    [header, cells] = csv.reader(StringIO(written("csv")))
    told = dict(zip(header, cells, strict=True))
    assert told["id"].startswith("evt_")
    assert told["user_agent"] == 'a "b", c'
    assert json.loads(told["metadata"]) == {"method": "password"}
    assert told["risk_score"] == ""


def test_a_row_in_ocsf() -> None:
    a_row(event_type=AuditType.SIGN_IN_FAILED, outcome="failure", risk_score=71)
    told = json.loads(written("ocsf"))
    assert (told["class_uid"], told["category_uid"], told["type_uid"]) == (3002, 3, 300_201)
    assert (told["activity_id"], told["status_id"], told["severity_id"]) == (1, 2, 3)
    assert told["time"] == 1_767_323_045_679
    assert told["unmapped"]["metadata"] == {"method": "password"}


def test_a_type_of_a_newer_release_is_a_base_event() -> None:
    a_row(event_type="future.thing")
    told = json.loads(written("ocsf"))
    assert (told["class_uid"], told["activity_id"]) == (0, 99)
    assert told["unmapped"]["event_type"] == "future.thing"


@pytest.mark.parametrize("kind", ACTIVITY)
def test_every_activity_is_one_of_its_class(kind: AuditType) -> None:
    assert ACTIVITY[kind] in ACTIVITIES[kind.ocsf_class]


def test_the_page_has_the_table_that_the_code_makes() -> None:
    found = re.search(r"^\| type \| class.*", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    assert found is not None
    assert found[0].strip() == table()


# What JSON, CSV and spreadsheets take for something is drawn more often than the rest of Unicode.
CHARACTERS = st.one_of(
    st.sampled_from(
        "".join(slow_formats.FORMULA_STARTS) + ",\"'\\%{}[]/\x01\x0b\x1f\x7f\u2028 aZ9"
    ),
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"),
)


def texts(most: int) -> st.SearchStrategy[str]:
    return st.text(CHARACTERS, max_size=min(most, 12))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | texts(12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts(12), inner, max_size=3),
    max_leaves=6,
)
ROWS = st.fixed_dictionaries(
    {
        "event_id": st.uuids(),
        # to the microsecond, and whole seconds
        "occurred_at": (
            st.integers(0, 10**16) | st.integers(0, 10**10).map(lambda n: n * 10**6)
        ).map(lambda n: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=n)),
        "event_type": st.sampled_from([*(kind.value for kind in AuditType), "future.thing"]),
        "outcome": st.sampled_from(["success", "failure"]),
        "actor_type": st.sampled_from(["user", "service", "system", "anonymous"]),
        "actor_id": texts(128),
        "subject_user_id": texts(64),
        "session_id": texts(64),
        "client_id": texts(128),
        "ip": st.none() | st.ip_addresses().map(str),
        "country": texts(2).map(lambda text: text[:2]),
        "asn": st.none() | st.integers(-(2**63), 2**63 - 1),
        "device_fingerprint": texts(128),
        "user_agent": texts(512),
        "risk_score": st.none() | st.integers(0, 100),
        "risk_signals": st.lists(texts(12), max_size=3),
        "request_id": texts(128),
        "metadata": st.dictionaries(texts(12), JSON, max_size=3),
    }
)


@hypothesis_settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(rows=st.lists(ROWS, min_size=1, max_size=12, unique_by=lambda row: row["event_id"]))
def test_every_format_is_the_same_as_row_by_row_in_python(rows: list[dict[str, Any]]) -> None:
    with transaction.atomic():
        AuthEvent.objects.bulk_create(AuthEvent(**row) for row in rows)
        for name in ExportFormat.values:
            assert written(name).encode() == slow_formats.written(name)
        transaction.set_rollback(True)
