"""Rows get their place after the commit: each one, once, whatever happens to who gives it."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import groupby

import pytest
from django.db import ProgrammingError, connection, transaction

from audit.chain.models import ChainLink, UnchainedEvent
from audit.models import AuthEvent
from audit.months import Month
from audit.services import chaining, partitions, retention
from audit.services.chaining import chain_waiting
from audit.services.verification import verify
from audit.tasks import chain_waiting as task
from audit.tests.chain.tampering import tamper
from audit.tests.factories import AuthEventFactory, SomebodySignedIn, new_user
from events.domain import emit
from events.tests.threads import threads

DIES = """
import os, signal, django
django.setup()
from django.db import connections
from audit.services import chaining
real = chaining.copy_rows
def die(model, links):
    real(model, links)
    os.kill(os.getpid(), signal.SIGKILL)
chaining.copy_rows = die
chaining.chain_waiting(batch_size=5)
"""


@pytest.mark.django_db
def test_every_row_gets_one_place_and_the_places_of_a_chain_have_no_holes() -> None:
    AuthEventFactory.create_batch(25)
    assert task() == 25
    AuthEventFactory.create_batch(5)
    assert chain_waiting(batch_size=2) == 5

    assert chain_waiting() == 0
    places = ChainLink.objects.order_by("day", "shard", "position").values_list("shard", "position")
    for _, chain in groupby(places, key=lambda place: place[0]):
        positions = [position for _, position in chain]
        assert positions == list(range(1, len(positions) + 1))
    assert set(ChainLink.objects.values_list("event_id")) == set(
        AuthEvent.objects.values_list("event_id")
    )


@pytest.mark.django_db
def test_a_row_that_is_queued_again_keeps_its_place() -> None:
    row = AuthEventFactory.create()
    chain_waiting()
    place = ChainLink.objects.get()
    UnchainedEvent.objects.create(
        event_id=row.event_id, occurred_at=row.occurred_at, shard=place.shard
    )
    chain_waiting()
    assert not UnchainedEvent.objects.exists()
    assert ChainLink.objects.get().position == place.position == 1


@pytest.mark.django_db
@pytest.mark.usefixtures("native_partitions")
def test_a_row_that_moves_to_another_partition_before_it_is_chained_gets_one_place() -> None:
    far_off = datetime(2190, 5, 1, tzinfo=UTC)
    AuthEventFactory.create_batch(3, occurred_at=far_off)
    partitions.ensure([Month.of(far_off)])
    assert UnchainedEvent.objects.count() == 6
    chain_waiting()
    verified = verify()
    assert (verified.rows, verified.waiting, verified.findings.total) == (3, 0, 0)


@pytest.mark.django_db(transaction=True)
def test_writers_and_sequencers_at_once_leave_a_whole_chain() -> None:
    def write() -> None:
        for _ in range(15):
            with transaction.atomic():
                emit(SomebodySignedIn(user_id=new_user()))

    def sequence() -> int:
        return sum(chain_waiting(batch_size=3) for _ in range(8))

    with threads(5) as others:
        work = [others.run(write) for _ in range(3)] + [others.run(sequence) for _ in range(2)]
        for each in work:
            each.result()
    chain_waiting()

    verified = verify()
    assert (verified.rows, verified.waiting, verified.findings.total) == (45, 0, 0)


@pytest.mark.django_db(transaction=True)
def test_a_sequencer_that_is_killed_loses_nothing_and_does_nothing_twice() -> None:
    AuthEventFactory.create_batch(12)
    killed = subprocess.run([sys.executable, "-c", DIES], env=_environment(), check=False)
    assert killed.returncode == -9
    deadline = time.monotonic() + 30
    while chain_waiting() or UnchainedEvent.objects.exists():  # until its session has ended
        assert time.monotonic() < deadline
    verified = verify()
    assert (verified.rows, verified.findings.total) == (12, 0)


def _environment() -> dict[str, str]:
    import os
    from urllib.parse import urlsplit

    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    return os.environ | {"DATABASE_URL": url.geturl()}


@pytest.mark.django_db(transaction=True)
def test_a_shard_that_somebody_has_in_hand_is_left_to_them() -> None:
    AuthEventFactory.create_batch(8)
    with threads(1) as others, transaction.atomic():
        chaining.hold_still()
        assert others.run(chain_waiting).result() == 0
    assert chain_waiting() == 8


@contextmanager
def refused(what: str) -> Iterator[None]:
    with (
        pytest.raises(ProgrammingError, match=f"append-only: {what} refused"),
        transaction.atomic(),
    ):
        yield


@pytest.mark.django_db
def test_the_chain_is_as_append_only_as_the_trail() -> None:
    AuthEventFactory.create()
    chain_waiting()
    with refused("UPDATE"):
        ChainLink.objects.update(position=7)
    with refused("UPDATE"):
        ChainLink.objects.update(salt=b"other")
    with refused("DELETE"):
        ChainLink.objects.all().delete()
    with refused("TRUNCATE"), connection.cursor() as cursor:
        cursor.execute("TRUNCATE audit_chainlink")
    assert ChainLink.objects.get().position == 1


@pytest.mark.django_db
def test_links_go_when_their_month_is_not_kept_any_more() -> None:
    kept = AuthEventFactory.create()
    gone = AuthEventFactory.create(occurred_at="2001-01-01T00:00:00Z")
    chain_waiting()
    late = AuthEventFactory.create(occurred_at="2001-01-01T00:00:00Z")
    tamper("DELETE FROM audit_authevent WHERE event_id = ANY(%s)", [gone.event_id, late.event_id])

    assert retention.forget_expired_links(batch_size=1) == 1

    assert ChainLink.objects.get().event_id == kept.event_id
    assert not UnchainedEvent.objects.exists()
    assert verify().findings.total == 0
