"""Nobody rewrites the trail: not the ORM, not SQL, not on the partitions themselves."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from audit.models import AuthEvent
from audit.months import Month
from audit.services import partitions
from audit.tests.factories import AuthEventFactory

pytestmark = pytest.mark.django_db

LONG_AGO = datetime(2001, 1, 1, tzinfo=UTC)


def run(sql: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


def tables() -> list[str]:
    """The trail, its default partition and that of the current month."""
    this_month = Month.of(AuthEvent.objects.newest_first()[0].occurred_at).partition
    return ["audit_authevent", "audit_authevent_default", this_month]


@pytest.fixture(autouse=True)
def _rows() -> None:
    AuthEventFactory.create()
    AuthEventFactory.create(occurred_at=LONG_AGO)


def test_a_row_cannot_be_changed_or_deleted_through_the_model() -> None:
    with pytest.raises(ProgrammingError, match="append-only: UPDATE refused"), transaction.atomic():
        AuthEvent.objects.update(outcome="failure")
    with pytest.raises(ProgrammingError, match="append-only: DELETE refused"), transaction.atomic():
        AuthEvent.objects.all().delete()
    assert AuthEvent.objects.filter(outcome="success").count() == 2


@pytest.mark.usefixtures("native_partitions")
@pytest.mark.parametrize("index", [0, 1, 2])
@pytest.mark.parametrize(
    "statement",
    ["UPDATE {} SET outcome = 'failure'", "DELETE FROM {}", "TRUNCATE {}"],
)
def test_no_table_of_the_trail_can_be_rewritten_by_sql(statement: str, index: int) -> None:
    with pytest.raises(ProgrammingError, match="the audit trail is append-only"):
        run(statement.format(tables()[index]))
    assert AuthEvent.objects.count() == 2


def test_truncating_everything_that_points_here_is_refused_too() -> None:
    with pytest.raises(ProgrammingError, match="the audit trail is append-only"):
        run("TRUNCATE audit_authevent CASCADE")


@pytest.mark.usefixtures("native_partitions")
def test_months_that_are_made_later_are_as_strict(
    environment: Callable[..., None],
) -> None:
    environment(audit_months_ahead=5)
    made = partitions.ensure_ahead()
    assert made
    AuthEventFactory.create(occurred_at=made[-1].start)
    for statement in ("DELETE FROM {}", "TRUNCATE {}", "UPDATE {} SET outcome = 'failure'"):
        with pytest.raises(ProgrammingError, match="the audit trail is append-only"):
            run(statement.format(made[-1].partition))


@pytest.mark.parametrize(
    ("field", "value", "constraint"),
    [
        ("outcome", "perhaps", "authevent_outcome_known"),
        ("actor_type", "martian", "authevent_actor_type_known"),
        ("event_type", "Something odd", "authevent_type_shape"),
        ("risk_score", 101, "authevent_risk_score_range"),
        ("risk_score", -1, "authevent_risk_score_range"),
    ],
)
def test_the_database_refuses_rows_that_make_no_sense(
    field: str, value: object, constraint: str
) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        AuthEventFactory.create(**{field: value})
