"""What happened and what is told of it are true together or not at all."""

import pytest
from django.db import IntegrityError, connection, transaction

from config.http.context import RequestContext, acting
from events.domain import emit
from events.models import OutboxEvent
from events.services.outbox import wake_relays
from events.tests.factories import (
    OutboxEventFactory,
    ThingHappened,
    ThingNoted,
    happen,
    new_thing,
)


@pytest.mark.django_db
def test_an_event_leaves_one_row_with_all_that_its_receivers_need() -> None:
    thing = new_thing()
    trace = f"00-{'a' * 32}-{'b' * 16}-01"
    with acting(RequestContext(request_id="r-1", traceparent=trace)):
        emit(ThingHappened(thing_id=thing, number=3))
    row = OutboxEvent.objects.get()
    assert row.event_type == "test_events.thing.happened.v1"
    assert row.channel == "test_events.thing"
    assert row.aggregate == ("thing", thing)
    assert row.data["number"] == 3
    assert (row.request_id, row.traceparent) == ("r-1", trace)
    assert (row.sent_at, row.attempts, row.error) == (None, 0, "")
    assert row.public_id.startswith("evt_")


@pytest.mark.django_db
def test_the_channel_is_the_type_unless_the_event_names_another() -> None:
    class Plain(ThingHappened):
        event_type = "test_events.plain"
        channel = ""

    emit(Plain(thing_id=new_thing()))
    assert OutboxEvent.objects.get().channel == "test_events.plain"


@pytest.mark.django_db
def test_an_event_without_a_type_for_the_outside_stays_inside() -> None:
    emit(ThingNoted(thing_id=new_thing()))
    assert not OutboxEvent.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_transaction_that_rolls_back_leaves_no_event() -> None:
    kept, undone = new_thing(), new_thing()
    with pytest.raises(RuntimeError, match="undo"), transaction.atomic():
        emit(ThingHappened(thing_id=undone))
        raise RuntimeError("undo")
    with transaction.atomic():
        emit(ThingHappened(thing_id=kept))
        with pytest.raises(RuntimeError, match="undo"), transaction.atomic():
            emit(ThingHappened(thing_id=undone))
            raise RuntimeError("undo")
    assert [row.aggregate_id for row in OutboxEvent.objects.pending()] == [kept]


@pytest.mark.django_db(transaction=True)
def test_what_is_not_committed_has_no_number_and_is_not_pending() -> None:
    with transaction.atomic():
        emit(ThingHappened(thing_id=new_thing()))
        assert OutboxEvent.objects.get().sequence is None
        assert not OutboxEvent.objects.pending().exists()
    assert OutboxEvent.objects.pending().get().sequence is not None


@pytest.mark.django_db(transaction=True)
def test_events_of_one_transaction_are_numbered_as_they_were_emitted() -> None:
    things = [new_thing() for _ in range(3)]
    with transaction.atomic():
        for number in range(300):
            emit(ThingHappened(thing_id=things[number % 3], number=number))
    numbers = [row.data["number"] for row in OutboxEvent.objects.in_order()]
    assert numbers == list(range(300))


@pytest.mark.django_db(transaction=True)
def test_a_committing_transaction_wakes_the_relays_once() -> None:
    with transaction.atomic():
        for _ in range(3):
            emit(ThingHappened(thing_id=new_thing()))
        waiting = [callback for _, callback, *_ in connection.run_on_commit]
    assert waiting == [wake_relays]


@pytest.mark.django_db(transaction=True)
def test_a_savepoint_that_is_undone_does_not_take_the_wake_up_of_others_along() -> None:
    with transaction.atomic():
        with pytest.raises(RuntimeError, match="undo"), transaction.atomic():
            emit(ThingHappened(thing_id=new_thing()))
            raise RuntimeError("undo")
        emit(ThingHappened(thing_id=new_thing()))
        waiting = [callback for _, callback, *_ in connection.run_on_commit]
    assert waiting == [wake_relays]


@pytest.mark.django_db
@pytest.mark.parametrize("missing", ["event_type", "channel", "aggregate_type", "aggregate_id"])
def test_the_database_refuses_an_event_that_is_not_addressed(missing: str) -> None:
    with pytest.raises(IntegrityError, match="outbox_event_is_addressed"):
        OutboxEventFactory.create(**{missing: ""})


@pytest.mark.django_db(transaction=True)
def test_the_outbox_names_its_rows_for_readers() -> None:
    happen(new_thing())
    row = OutboxEvent.objects.get()
    assert str(row) == f"test_events.thing.happened.v1 {row.public_id}"
