"""A stack under load, as a drill finds it: `with under_load(stack) as ground`, do something to it, `ground.row()`."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from subprocess import CalledProcessError

from tests.proofs.chaos_load import Load
from tests.proofs.chaos_scene import load_on
from tests.proofs.drills.drill import Row
from tests.proofs.drills.everyday import Everyday
from tests.proofs.reckoning import reckon
from tests.proofs.served import Served
from tests.proofs.sight import CHANGE, DECISION, REFRESH, SIGN_IN

MEMBERS, OWNERS = 4, 1
PAUSE = 0.4  # seconds between two changes of one client: a small load, so that what is seen is the failover
CALM = 3.0  # seconds of load before something happens, and after it
VARIABLES = {"ACCESS_TOKEN_LIFETIME": "3600", "REQUESTS_PER_MINUTE": "1000000"}  # for the stack


@dataclass
class Ground:
    """`begun` is when the load began to count, on the monotonic clock."""

    stack: Served
    load: Load
    everyday: Everyday
    begun: float = 0.0
    ended: float = 0.0
    told: list[str] = field(default_factory=list)

    def calm(self, seconds: float = CALM) -> None:
        """Nothing happens but the load."""
        time.sleep(seconds)

    def row(self) -> Row:
        """Take stock. The load has stopped; the stack still runs."""
        sight = self.load.sight
        row = Row(dict(sight.asked), dict(sight.wrong), {}, told=self.told)
        for kind in (SIGN_IN, REFRESH, DECISION, CHANGE):
            row.gaps[kind] = sight.longest_gap(kind, since=self.begun, until=self.ended)
        failures = [*self.load.failures, *self.everyday.failures]
        row.failed += [f"a client ended: {failure!r}" for failure in failures]
        row.let_through += self.everyday.let_through
        row.lost += self.everyday.withheld
        if not self.everyday.telling:
            row.failed.append("no decision was asked for between two changes")
        try:
            row.lost += reckon(self.stack, self.load.ledger)
        except CalledProcessError as error:
            row.lost.append(f"the trail does not verify: {error.stdout}")
        row.told.append(f"{self.everyday.telling} decisions between two changes")
        row.told.append(f"{self.load.ledger.total} changes answered with success")
        return row


@contextmanager
def under_load(stack: Served) -> Iterator[Ground]:
    """Load for the length of the block, with a calm before and after it."""
    load = load_on(stack, members=MEMBERS, owners=OWNERS, pause=PAUSE)
    everyday = Everyday(stack, load.administrator, load.sight)
    everyday.prepare()
    load.administrator.bearer()  # which waits for a code that was not used yet
    ground = Ground(stack, load, everyday)
    load.start()
    everyday.start()
    try:
        ground.begun = time.monotonic()
        ground.calm()
        yield ground
        ground.calm()
        ground.ended = time.monotonic()
    finally:
        everyday.stop()
        load.stop()
