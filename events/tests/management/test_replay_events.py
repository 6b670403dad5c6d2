"""`manage.py replay_events`."""

import json
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
import redis
from django.core.management import CommandError, call_command
from django.utils import timezone

from audit.models import AuthEvent
from config.redis import client
from events.models import OutboxEvent
from events.services.relay import relay_batch
from events.tests.factories import OutboxEventFactory, new_thing
from events.tests.processes import Valkey
from events.tests.streams import stream

pytestmark = pytest.mark.django_db


def replay(*arguments: str) -> Any:
    output = StringIO()
    call_command("replay_events", *arguments, "--json", stdout=output, stderr=StringIO())
    return json.loads(output.getvalue())


def sent(**given: Any) -> Any:
    row = OutboxEventFactory.create(**given)
    relay_batch(client=client(), limit=100)
    return row


def test_chosen_events_come_again_with_their_ids_in_order(reader: "redis.Redis") -> None:
    rows = [sent(), sent(), sent()]
    chosen = [rows[2], rows[0]]
    assert replay("--ids", *(row.public_id for row in chosen)) == {"selected": 2, "sent": 2}
    again = [envelope["id"] for envelope in stream(reader)][3:]
    assert again == [rows[0].public_id, rows[2].public_id]
    assert AuthEvent.objects.get(event_type="event.replayed").metadata["events"] == 2


def test_a_range_is_narrowed_by_type_and_subject(reader: "redis.Redis") -> None:
    thing = new_thing()
    sent(aggregate_id=thing, event_type="user.created.v1")
    wanted = sent(aggregate_id=thing, event_type="user.suspended.v1")
    sent(event_type="user.suspended.v1")
    since = (timezone.now() - timedelta(hours=1)).isoformat()
    assert replay("--from", since, "--dry-run") == {"selected": 3, "sent": 0}
    narrowed = ("--from", since, "--type", "user.suspended.v1", "--subject", thing)
    assert replay(*narrowed) == {"selected": 1, "sent": 1}
    assert [envelope["id"] for envelope in stream(reader)][3:] == [wanted.public_id]
    assert replay("--from", since, "--to", since)["selected"] == 0


def test_what_has_not_gone_out_yet_is_left_to_the_relay(reader: "redis.Redis") -> None:
    row = OutboxEventFactory.create()
    assert replay("--ids", row.public_id) == {"selected": 0, "sent": 0}
    assert stream(reader) == []


def set_aside() -> Any:
    row = OutboxEventFactory.create()
    OutboxEvent.objects.filter(pk=row.pk).update(set_aside_at=timezone.now(), attempts=9)
    return row


def test_what_was_set_aside_is_back_in_line_for_the_relays(reader: "redis.Redis") -> None:
    rows = [set_aside(), set_aside()]
    sent()
    assert replay("--set-aside", "--dry-run") == {"selected": 2, "in_line": 0}
    assert OutboxEvent.objects.set_aside().count() == 2
    assert replay("--set-aside", "--ids", rows[1].public_id) == {"selected": 1, "in_line": 1}
    assert replay("--set-aside") == {"selected": 1, "in_line": 1}
    assert not OutboxEvent.objects.set_aside().exists()
    assert relay_batch(client=client(), limit=100).sent == 2


def test_whoever_names_what_was_set_aside_is_told_how_it_is_sent(reader: "redis.Redis") -> None:
    row = set_aside()
    output, said = StringIO(), StringIO()
    call_command("replay_events", "--ids", row.public_id, stdout=output, stderr=said)
    assert output.getvalue() == "Sent 0 events again.\n"
    assert "--set-aside puts back in line" in said.getvalue()
    output = StringIO()
    call_command("replay_events", "--set-aside", stdout=output)
    assert output.getvalue() == "Put 1 events back in line.\n"


def test_progress_and_result_are_told(reader: "redis.Redis") -> None:
    row = sent()
    output, progress = StringIO(), StringIO()
    call_command("replay_events", "--ids", row.public_id, stdout=output, stderr=progress)
    assert output.getvalue() == "Sent 1 events again.\n"
    assert progress.getvalue() == "1 of 1 events\n"


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--type", "user.created.v1"),
        ("--ids", "usr_1"),
        ("--from", "noon"),
        ("--from", "2026-13-01"),
    ],
)
def test_a_question_that_says_nothing_is_refused(arguments: tuple[str, ...]) -> None:
    with pytest.raises(CommandError):
        call_command("replay_events", *arguments)


def test_without_redis_it_says_how_far_it_came(valkey: Valkey) -> None:
    row = sent()
    valkey.stop()
    try:
        with pytest.raises(CommandError, match="Sent 0 of 1 events again, then stopped"):
            call_command("replay_events", "--ids", row.public_id)
    finally:
        valkey.start()
