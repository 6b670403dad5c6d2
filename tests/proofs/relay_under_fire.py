"""Writers write and two relays relay; every other second one is killed with -9 and replaced; in the middle Valkey is
away. Then every event must be on the stream under its id, in order for each aggregate, and somebody has heard it.

The suite has the same in seconds: `events/tests/management/test_relay_events.py`.
"""

import sys
import tempfile
import time
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event

import redis

from events.models import OutboxEvent
from events.tests.factories import happen, new_thing
from events.tests.processes import RelayProcess, Valkey
from events.tests.streams import first_arrivals, stream
from events.tests.threads import Threads, threads
from tests.waiting import wait_until

THINGS, WRITERS, RELAYS = 20, 3, 2
KILL_EVERY = 2.0  # seconds
PAUSE = 0.01  # seconds between the events of one writer


@dataclass
class Fire:
    """What goes on meanwhile, until `enough`."""

    valkey: Valkey
    relays: list[RelayProcess]
    enough: Event

    def write(self, things: list[str]) -> int:
        """Commit events about `things` in turn; how many."""
        number = 0
        while not self.enough.wait(PAUSE):
            happen(things[number % len(things)])
            number += 1
        return number

    def kill(self) -> int:
        """Kill the older relay and start another, again and again; how often."""
        kills = 0
        while not self.enough.wait(KILL_EVERY):
            self.relays.pop(0).kill()
            self.relays.append(RelayProcess(self.valkey))
            kills += 1
        return kills

    def listen(self) -> int:
        """How many messages somebody hears who comes back whenever Valkey does."""
        heard = 0
        while not self.enough.is_set():
            with (
                suppress(redis.RedisError),
                self.valkey.client() as client,
                client.pubsub() as ears,
            ):
                ears.psubscribe("user_service.*")
                while not self.enough.is_set():
                    message = ears.get_message(ignore_subscribe_messages=True, timeout=0.5)
                    heard += message is not None
        return heard


def prove(*, outage: float, around: float) -> bool:
    """Whether everything arrived as promised, with a report on standard output. Times are in seconds."""
    with tempfile.TemporaryDirectory(prefix="gatehouse-proof-") as folder:
        valkey = Valkey(Path(folder))
        valkey.start()
        fire = Fire(valkey, [RelayProcess(valkey) for _ in range(RELAYS)], Event())
        try:
            with threads(WRITERS + 2) as others:
                _burn(fire, others, outage=outage, around=around)
            wait_until(lambda: not OutboxEvent.objects.pending().exists(), "the rest is sent")
            return _everything_arrived(valkey)
        finally:
            for relay in fire.relays:
                relay.end()
            valkey.stop()


def _burn(fire: Fire, others: Threads, *, outage: float, around: float) -> None:
    things = [new_thing() for _ in range(THINGS)]
    writing = [others.run(lambda: fire.write(things)) for _ in range(WRITERS)]
    killing, listening = others.run(fire.kill), others.run(fire.listen)
    try:
        time.sleep(around)
        fire.valkey.stop()
        _say(f"Valkey is away for {outage:g} s")
        time.sleep(outage)
        _say(f"Valkey is back; {OutboxEvent.objects.backlog().pending} events wait")
        fire.valkey.start()
        back = time.monotonic()
        wait_until(lambda: OutboxEvent.objects.backlog().oldest_age < 1, "the relays catch up")
        _say(f"caught up {time.monotonic() - back:.1f} s later")
        time.sleep(around)
    finally:
        fire.enough.set()
    _say(f"{sum(count.result() for count in writing)} events written")
    _say(f"{killing.result()} relays killed")
    _say(f"{listening.result()} messages heard on Pub/Sub")


def _everything_arrived(valkey: Valkey) -> bool:
    with valkey.client() as client:
        entries = stream(client)
    arrived = {
        subject: [e["id"] for e in seen] for subject, seen in first_arrivals(entries).items()
    }
    written: dict[str, list[str]] = defaultdict(list)
    for row in OutboxEvent.objects.in_order():
        written[row.aggregate_id].append(row.public_id)
    ids = {event for events in written.values() for event in events}
    lost = ids - {entry["id"] for entry in entries}
    disordered = [subject for subject in written if arrived.get(subject) != written[subject]]
    _say(f"{len(entries)} entries on the stream, {len(entries) - len(ids)} of them repetitions")
    _say(f"{len(lost)} events lost, {len(disordered)} of {len(written)} aggregates out of order")
    return not lost and not disordered and len(ids) > 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
