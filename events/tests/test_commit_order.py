"""The numbers of one aggregate's events rise in the order in which their transactions committed."""

import random
from threading import Event

import pytest
from django.db import connection, transaction

from events.domain import emit
from events.models import OutboxEvent
from events.tests.factories import ThingHappened, happen, new_thing
from events.tests.threads import threads
from tests.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_transaction_that_commits_first_comes_first_whenever_it_began() -> None:
    thing = new_thing()
    emitted, overtaken = Event(), Event()

    def slow() -> None:
        with transaction.atomic():
            emit(ThingHappened(thing_id=thing, number=1))
            emitted.set()
            assert overtaken.wait(30)

    with threads(1) as others:
        first = others.run(slow)
        assert emitted.wait(30)
        with transaction.atomic():  # the open transaction of the other does not hold this one up
            emit(ThingHappened(thing_id=thing, number=2))
        overtaken.set()
        first.result()
    rows = OutboxEvent.objects.in_order()
    assert [row.data["number"] for row in rows] == [2, 1]
    assert [row.data["number"] for row in rows.order_by("id")] == [1, 2]


LOCK = "SELECT pg_advisory_xact_lock(hashtext('events.aggregate'), hashtext('thing:' || %s))"


def commits_that_wait() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        )
        (count,) = cursor.fetchone()
    return int(count)


def test_transactions_about_the_same_things_in_opposite_order_do_not_deadlock() -> None:
    """Both are made to queue for the thing that comes first; one that held the other by then would block the rest."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT hashtext('thing:thing_a') < hashtext('thing:thing_b')")
        (in_order,) = cursor.fetchone()
    first, second = ("thing_a", "thing_b") if in_order else ("thing_b", "thing_a")

    def write(*things: str) -> None:
        with transaction.atomic():
            for thing in things:
                emit(ThingHappened(thing_id=thing))

    with threads(2) as others:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(LOCK, [first])
            writing = [others.run(lambda: write(first, second))]
            wait_until(lambda: commits_that_wait() == 1, "one waits")
            writing.append(others.run(lambda: write(second, first)))
            wait_until(lambda: commits_that_wait() == 2, "both wait")
        for result in writing:
            result.result()
    assert OutboxEvent.objects.pending().count() == 4


def test_no_event_appears_behind_one_of_its_aggregate_that_could_be_seen_before() -> None:
    """The promise that a reader of pending rows stands on, seen by one who looks all the time."""
    things = [new_thing() for _ in range(3)]
    writers, each = 4, 60
    finished = Event()

    def write(seed: int) -> None:
        dice = random.Random(seed)  # noqa: S311 - a repeatable disorder
        for _ in range(each):
            with transaction.atomic():
                for thing in dice.sample(things, 2):
                    emit(ThingHappened(thing_id=thing))

    def look() -> int:
        seen: set[int] = set()
        highest = dict.fromkeys(things, 0)
        last_look = False
        while True:
            rows = OutboxEvent.objects.pending().in_order().values_list("aggregate_id", "sequence")
            for thing, number in rows:
                sequence = number or 0  # those that are pending have one
                if sequence not in seen:
                    assert sequence > highest[thing]
                    seen.add(sequence)
                    highest[thing] = sequence
            if last_look:
                return len(seen)
            last_look = finished.is_set()

    with threads(writers + 1) as others:
        looking = others.run(look)
        writing = [others.run(lambda seed=seed: write(seed)) for seed in range(writers)]  # type: ignore[misc]
        for result in writing:
            result.result()
        finished.set()
        assert looking.result() == writers * each * 2


def test_different_aggregates_share_one_rising_series() -> None:
    first, second = new_thing(), new_thing()
    happen(first)
    happen(second)
    happen(first)
    assert [row.aggregate_id for row in OutboxEvent.objects.in_order()] == [first, second, first]
