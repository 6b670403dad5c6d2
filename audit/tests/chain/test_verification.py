"""Whatever is done to the trail behind its triggers' back is found, and named."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from audit.chain.models import AuditVerification, ChainLink, UnchainedEvent
from audit.models import AuthEvent
from audit.months import Month
from audit.services.chaining import chain_waiting
from audit.services.verification import verify
from audit.tests.chain.tampering import chained, found, tamper
from audit.tests.factories import AuthEventFactory

pytestmark = pytest.mark.django_db

CHANGES = {
    "event_id": "gen_random_uuid()",
    "occurred_at": "occurred_at + interval '1 microsecond'",
    "event_type": "'auth.login.failed'",
    "outcome": "'failure'",
    "actor_type": "'system'",
    "actor_id": "'x'",
    "subject_user_id": "upper(subject_user_id)",
    "session_id": "'x'",
    "client_id": "'x'",
    "ip": "'192.0.2.8/31'",
    "country": "'SE'",
    "asn": "64497",
    "device_fingerprint": "'x'",
    "user_agent": "user_agent || ' '",
    "risk_score": "8",
    "risk_signals": "'[1.0]'",
    "request_id": "'x'",
    "metadata": '\'{"method": "Password"}\'',
}


def told() -> list[AuthEvent]:
    return chained(
        ip="192.0.2.8",
        country="NO",
        asn=64496,
        user_agent="Browser/1",
        risk_score=7,
        risk_signals=[1],
        metadata={"method": "password"},
    )


def test_a_trail_that_nobody_touched_is_as_it_was_written() -> None:
    AuthEventFactory.create_batch(30)
    AuthEventFactory.create(occurred_at=timezone.now() - timedelta(days=1))
    assert chain_waiting() == 31
    AuthEventFactory.create()

    verified = verify()

    assert (verified.rows, verified.waiting, verified.findings.total) == (31, 1, 0)
    assert AuditVerification.objects.get().rows == 31


def test_every_column_has_its_change() -> None:
    assert set(CHANGES) == {field.column for field in AuthEvent._meta.concrete_fields}


@pytest.mark.parametrize("column", CHANGES)
def test_a_change_in_any_column_is_named(column: str) -> None:
    row = told()[2]

    tamper(
        f"UPDATE audit_authevent SET {column} = {CHANGES[column]} WHERE event_id = %s",  # noqa: S608
        row.event_id,
    )

    if column == "event_id":
        assert ("removed", row.public_id) in found()
        assert len(found()) == 2  # and the one that came instead
    else:
        assert found() == {("altered", row.public_id)}


@pytest.mark.parametrize(
    "change",
    [
        "salt = %s || substring(salt FROM 2)",
        "commitment = %s || substring(commitment FROM 2)",
    ],
)
def test_a_change_of_what_the_chain_says_of_a_row_is_named(change: str) -> None:
    row = told()[2]
    tamper(
        f"UPDATE audit_chainlink SET {change} WHERE event_id = %s",  # noqa: S608
        b"\x00",
        row.event_id,
    )
    assert found() == {("altered", row.public_id)}


def test_a_change_of_the_chain_is_named() -> None:
    row = told()[2]
    tamper("UPDATE audit_chainlink SET chain_hash = row_hash WHERE event_id = %s", row.event_id)
    assert found() == {("chain_altered", row.public_id)}


def test_a_row_that_is_removed_is_named() -> None:
    row = told()[3]
    tamper("DELETE FROM audit_authevent WHERE event_id = %s", row.event_id)
    assert found() == {("removed", row.public_id)}


def test_a_row_that_is_removed_before_it_had_a_place_is_named() -> None:
    row = AuthEventFactory.create()
    tamper("DELETE FROM audit_authevent WHERE event_id = %s", row.event_id)
    assert chain_waiting() == 0
    assert found() == {("removed", row.public_id)}


def test_a_row_that_is_removed_with_its_link_leaves_a_hole() -> None:
    row = told()[3]
    tamper("DELETE FROM audit_authevent WHERE event_id = %s", row.event_id)
    tamper("DELETE FROM audit_chainlink WHERE event_id = %s", row.event_id)
    [hole] = verify().findings.named
    assert (hole.kind, hole.shard, hole.position) == ("removed", 0, 4)


def test_a_row_that_came_in_by_another_way_is_named() -> None:
    told()
    tamper(
        "INSERT INTO audit_authevent SELECT (jsonb_populate_record(e, jsonb_build_object("
        "'event_id', gen_random_uuid()))).* FROM audit_authevent e LIMIT 1"
    )
    [(kind, event_id)] = found()
    assert kind == "inserted"
    assert AuthEvent.parse_id(event_id or "")


def test_two_rows_that_are_swapped_are_named() -> None:
    _, first, _, second, *_ = told()
    for change in ("1002 WHERE position = 2", "2 WHERE position = 4", "4 WHERE position = 1002"):
        tamper(f"UPDATE audit_chainlink SET position = {change}")  # noqa: S608
    assert found() == {("reordered", first.public_id), ("reordered", second.public_id)}


def test_two_rows_that_exchange_what_they_say_are_named() -> None:
    _, first, _, second, *_ = chained()
    for row, other in ((first, second), (second, first)):
        tamper(
            "UPDATE audit_authevent SET subject_user_id = %s WHERE event_id = %s",
            other.subject_user_id,
            row.event_id,
        )
    assert found() == {("altered", first.public_id), ("altered", second.public_id)}


@pytest.mark.usefixtures("native_partitions")
def test_a_partition_that_is_dropped_is_named_with_what_it_held() -> None:
    rows = told()
    month = Month.of(rows[0].occurred_at)
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE {month.partition}")
    [finding] = verify().findings.named
    assert finding.kind == "partition_dropped"
    assert finding.detail == f"{month}: 6 rows"


def test_rows_in_the_partition_of_all_the_rest_are_verified_too() -> None:
    row = AuthEventFactory.create(occurred_at=timezone.now() - timedelta(days=90))
    chain_waiting()
    assert found() == set()
    tamper("UPDATE audit_authevent SET outcome = 'failure'")
    assert found() == {("altered", row.public_id)}


def test_days_can_be_chosen() -> None:
    yesterday = timezone.now() - timedelta(days=1)
    row = AuthEventFactory.create(occurred_at=yesterday)
    chain_waiting()
    tamper("UPDATE audit_authevent SET actor_id = 'x' WHERE event_id = %s", row.event_id)
    today = timezone.now().date()
    assert verify(since=today).findings.total == 0
    assert verify(since=yesterday.date(), until=yesterday.date()).findings.total == 1
    with pytest.raises(ValueError, match="before the first"):
        verify(since=today, until=yesterday.date())


def test_a_chain_whose_every_place_was_altered_is_told_link_by_link() -> None:
    rows = told()
    tamper("UPDATE audit_chainlink SET chain_hash = commitment")
    assert found() == {("chain_altered", row.public_id) for row in rows}


def test_nothing_waits_once_it_has_a_place() -> None:
    told()
    assert not UnchainedEvent.objects.exists()
    assert ChainLink.objects.count() == 6
