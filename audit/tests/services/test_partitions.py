"""The months of the trail: there in time, gone in time, whoever asks and however many at once."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Barrier, Event

import pytest
from django.db import connection, transaction
from django.utils import timezone

from audit import tasks
from audit.errors import TrailBusyError
from audit.models import AuthEvent
from audit.months import Month
from audit.services import partitions
from audit.tests.factories import AuthEventFactory
from events.tests.threads import threads

SetEnvironment = Callable[..., None]

pytestmark = pytest.mark.usefixtures("native_partitions")


def this_month() -> Month:
    return Month.of(timezone.now())


def partition_of(row: AuthEvent) -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tableoid::regclass::text FROM audit_authevent WHERE event_id = %s",
            [row.event_id],
        )
        (name,) = cursor.fetchone()
    return str(name)


def drop(month: Month) -> None:
    """As if nobody had made it in time."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE {month.partition}")


def make(month: Month) -> None:
    """As if it had been made when it was to come."""
    bounds = month.start.isoformat(), month.plus(1).start.isoformat()
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TABLE {month.partition} PARTITION OF audit_authevent FOR VALUES FROM (%s) TO (%s)",
            bounds,
        )


@pytest.fixture
def _months_as_they_were(native_partitions: None) -> Iterator[None]:
    """For tests that commit: whatever they made or dropped, the months of a new database are back after them."""
    yield
    with transaction.atomic():
        for month in partitions.existing():
            drop(month)
    partitions.ensure_ahead()


@pytest.mark.django_db
def test_a_new_database_has_this_month_and_the_next_three() -> None:
    assert partitions.existing() == [this_month().plus(number) for number in range(4)]
    assert partitions.months_ahead() == 3
    row = AuthEventFactory.create()
    assert partition_of(row) == this_month().partition


@pytest.mark.django_db
def test_missing_months_are_made_once(environment: SetEnvironment) -> None:
    environment(audit_months_ahead=5)
    expected = [this_month().plus(4), this_month().plus(5)]
    assert partitions.ensure_ahead(dry_run=True) == expected
    assert partitions.months_ahead() == 3
    assert partitions.ensure_ahead() == expected
    assert partitions.ensure_ahead() == []
    assert partitions.months_ahead() == 5


@pytest.mark.django_db
def test_the_first_and_the_last_moment_of_a_month_lie_in_its_partition() -> None:
    month = this_month().plus(1)
    first = AuthEventFactory.create(occurred_at=month.start)
    last = AuthEventFactory.create(occurred_at=month.plus(1).start - timedelta(microseconds=1))
    after = AuthEventFactory.create(occurred_at=month.plus(1).start)
    assert partition_of(first) == partition_of(last) == month.partition
    assert partition_of(after) == month.plus(1).partition


@pytest.mark.django_db
def test_a_gap_among_the_months_ahead_counts_as_its_end() -> None:
    drop(this_month().plus(2))
    assert partitions.months_ahead() == 1


@pytest.mark.django_db
def test_rows_that_nobody_made_room_for_are_kept_and_moved_into_their_month() -> None:
    drop(this_month())
    rows = AuthEventFactory.create_batch(3)
    last_month = AuthEventFactory.create(occurred_at=this_month().start - timedelta(days=1))
    far_off = AuthEventFactory.create(occurred_at=datetime(2090, 1, 1, tzinfo=UTC))
    forgotten = AuthEventFactory.create(occurred_at=datetime(2001, 1, 1, tzinfo=UTC))
    assert partitions.stray_rows() == 6
    before = set(AuthEvent.objects.values_list("event_id", "occurred_at", "subject_user_id"))

    assert partitions.ensure_ahead() == [this_month().plus(-1), this_month()]

    assert (
        set(AuthEvent.objects.values_list("event_id", "occurred_at", "subject_user_id")) == before
    )
    assert {partition_of(row) for row in rows} == {this_month().partition}
    assert partition_of(last_month) == this_month().plus(-1).partition
    assert partition_of(far_off) == partition_of(forgotten) == "audit_authevent_default"
    assert partitions.stray_rows() == 2
    assert partitions.ensure_ahead() == []


@pytest.mark.django_db
def test_months_past_their_time_are_dropped_and_the_others_stay(
    environment: SetEnvironment,
) -> None:
    environment(audit_retention_months=2)
    kept, expired = this_month().plus(-2), this_month().plus(-3)
    make(kept)
    make(expired)
    old = AuthEventFactory.create(occurred_at=expired.start)
    young = AuthEventFactory.create(occurred_at=kept.start)
    assert partitions.drop_expired(dry_run=True) == [expired]
    assert AuthEvent.objects.count() == 2
    assert partitions.drop_expired() == [expired]
    assert list(AuthEvent.objects.all()) == [young]
    assert old not in AuthEvent.objects.all()
    assert kept in partitions.existing()
    assert partitions.drop_expired() == []


@pytest.mark.django_db
def test_beat_does_both(environment: SetEnvironment) -> None:
    environment(audit_retention_months=1, audit_months_ahead=4)
    expired = this_month().plus(-2)
    make(expired)
    assert tasks.ensure_partitions_ahead() == [str(this_month().plus(4))]
    assert tasks.drop_expired_partitions() == [str(expired)]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_months_as_they_were")
def test_ten_machines_at_once_make_each_month_once(environment: SetEnvironment) -> None:
    drop(this_month())
    rows = AuthEventFactory.create_batch(5)
    environment(audit_months_ahead=5)
    ready = Barrier(10)

    def machine() -> list[Month]:
        ready.wait(30)
        return partitions.ensure_ahead()

    with threads(10) as others:
        made = [result.result() for result in [others.run(machine) for _ in range(10)]]
    assert sorted(month for months in made for month in months) == [
        this_month(),
        this_month().plus(4),
        this_month().plus(5),
    ]
    assert AuthEvent.objects.count() == len(rows)


@contextmanager
def somebody_reads_the_trail() -> Iterator[None]:
    """A transaction that has read the trail stays open during the block."""
    reading, enough = Event(), Event()

    def read() -> None:
        with transaction.atomic():
            AuthEvent.objects.count()
            reading.set()
            assert enough.wait(30)

    with threads(1) as others:
        reader = others.run(read)
        assert reading.wait(30)
        try:
            yield
        finally:
            enough.set()
        reader.result()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_months_as_they_were")
def test_who_reads_for_long_makes_the_upkeep_give_up_and_not_the_writers_wait(
    environment: SetEnvironment,
) -> None:
    environment(audit_retention_months=1)
    expired = this_month().plus(-2)
    make(expired)
    with somebody_reads_the_trail(), pytest.raises(TrailBusyError, match="in use for more than 1s"):
        partitions.drop_expired()
    assert expired in partitions.existing()
    assert partitions.drop_expired() == [expired]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_months_as_they_were")
def test_a_month_is_made_while_others_write(environment: SetEnvironment) -> None:
    environment(audit_months_ahead=4)
    with transaction.atomic():
        AuthEventFactory.create()
        with threads(1) as others:
            assert others.run(partitions.ensure_ahead).result() == [this_month().plus(4)]


@pytest.mark.django_db
def test_without_the_table_there_is_nothing_to_keep() -> None:
    assert partitions.trail_exists()
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE audit_authevent")
    assert not partitions.trail_exists()
    assert partitions.existing() == []
