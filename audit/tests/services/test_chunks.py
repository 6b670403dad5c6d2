"""The trail as a hypertable: it makes its own room, drops whole chunks, and is as strict as partitions are.

These need a TimescaleDB; without one they are skipped, and say so.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import ProgrammingError, connection, transaction
from django.utils import timezone

from audit.chain.models import ChainLink
from audit.metrics import trail_facts
from audit.models import AuthEvent
from audit.months import Month
from audit.services import chunks, partitions, retention
from audit.services.chaining import chain_waiting
from audit.services.forgetting import forget_person
from audit.services.verification import verify
from audit.tests.chain.tampering import tamper
from audit.tests.factories import AuthEventFactory, new_user
from audit.tests.services.test_partitions import partition_of

SetEnvironment = Callable[..., None]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("hypertable")]


def compress(row: AuthEvent) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT compress_chunk(%s::regclass)", [partition_of(row)])


def test_room_is_made_for_every_row_and_nothing_is_to_be_made_ahead() -> None:
    for year in (2001, 2026, 2090):
        AuthEventFactory.create(occurred_at=datetime(year, 6, 15, tzinfo=UTC))
    assert partitions.ensure_ahead() == []
    assert partitions.stray_rows() == 0
    assert {month.year for month in partitions.existing()} == {2001, 2026, 2090}


def test_the_metrics_of_partitions_are_not_told() -> None:
    told = {sample.name for family in trail_facts() for sample in family.samples}
    assert told == {"gatehouse_audit_unchained_rows"}


def test_chunks_past_their_time_are_dropped_with_their_links_and_one_across_the_border_stays(
    environment: SetEnvironment,
) -> None:
    environment(audit_retention_months=2)
    border = partitions.oldest_kept().start
    old = AuthEventFactory.create(occurred_at=border - timedelta(days=60))
    [chunk] = chunks.chunks()
    just_before = AuthEventFactory.create(occurred_at=border - timedelta(microseconds=1))
    young = AuthEventFactory.create()
    chain_waiting()
    across = any(each.start < border < each.end for each in chunks.chunks())

    assert set(partitions.drop_expired(dry_run=True)) >= {Month.of(old.occurred_at)}
    assert AuthEvent.objects.count() == 3
    partitions.drop_expired()
    retention.forget_expired_links()

    kept = {young.event_id} | ({just_before.event_id} if across else set())
    assert set(AuthEvent.objects.values_list("event_id", flat=True)) == kept
    assert set(ChainLink.objects.values_list("event_id", flat=True)) == kept
    assert chunk not in chunks.chunks()
    assert partitions.drop_expired() == []
    assert verify().findings.total == 0


def test_a_chunk_that_somebody_drops_is_found_as_rows_that_are_gone() -> None:
    rows = AuthEventFactory.create_batch(3, occurred_at=timezone.now() - timedelta(days=40))
    AuthEventFactory.create()
    chain_waiting()
    with connection.cursor() as cursor:
        cursor.execute("SELECT drop_chunks('audit_authevent', older_than => interval '20 days')")

    [finding] = verify().findings.named

    assert finding.kind == "partition_dropped"
    assert finding.detail == f"{Month.of(rows[0].occurred_at)}: 3 rows"


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("statement", ["UPDATE {} SET outcome = 'failure'", "DELETE FROM {}"])
@pytest.mark.parametrize("by_name", [False, True])
def test_neither_the_trail_nor_a_chunk_of_it_can_be_rewritten(
    statement: str, compressed: bool, by_name: bool
) -> None:
    row = AuthEventFactory.create()
    if compressed:
        compress(row)
    table = partition_of(row) if by_name else "audit_authevent"
    with (
        pytest.raises(ProgrammingError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement.format(table))
    assert AuthEvent.objects.get().outcome == "success"


def test_the_trail_cannot_be_truncated() -> None:
    AuthEventFactory.create()
    with (
        pytest.raises(ProgrammingError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("TRUNCATE audit_authevent")


def test_compressed_rows_are_read_verified_and_forgotten_like_others() -> None:
    person = new_user()
    rows = AuthEventFactory.create_batch(
        20, occurred_at=timezone.now() - timedelta(days=30), subject_user_id=person, ip="192.0.2.7"
    )
    chain_waiting()
    compress(rows[0])

    assert len(AuthEvent.objects.for_user(person).newest(50)) == 20
    assert verify().findings.total == 0
    with transaction.atomic():
        assert forget_person(user_id=person) == 20
    assert not AuthEvent.objects.filter(ip__isnull=False).exists()


def test_a_byte_changed_in_a_compressed_row_is_found() -> None:
    rows = AuthEventFactory.create_batch(5, occurred_at=timezone.now() - timedelta(days=30))
    chain_waiting()
    compress(rows[0])
    tamper("UPDATE audit_authevent SET request_id = 'other' WHERE event_id = %s", rows[2].event_id)

    [finding] = verify().findings.named

    assert (finding.kind, finding.event_id) == ("altered", rows[2].event_id)


def test_chunks_are_compressed_after_two_weeks_by_a_policy() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT config->>'compress_after' FROM timescaledb_information.jobs"
            " WHERE hypertable_name = 'audit_authevent' AND proc_name LIKE '%compression'"
        )
        assert cursor.fetchall() == [("14 days",)]
