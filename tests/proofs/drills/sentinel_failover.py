"""The Redis in charge dies under load: the Sentinels put a replica in its place, and it comes back as a replica.

Three servers and three Sentinels, set as docs/operators/scale-out.md asks.
"""

import tempfile
from pathlib import Path

from tests.proofs.drills.drill import Drill, Row
from tests.proofs.drills.fail_over import fail_over
from tests.proofs.drills.ground import VARIABLES, under_load
from tests.proofs.served import served
from tests.valkeys import behind_sentinels

DOWN_AFTER = 5_000  # milliseconds: longer than STAMP_LEASE
SERVERS = {
    "appendonly": "yes",
    "min-replicas-to-write": "1",
    "min-replicas-max-lag": "3",
}
LONGEST_GAP = 10.0  # seconds without a good answer of a kind


def run() -> Row:
    with tempfile.TemporaryDirectory(prefix="gatehouse-proof-") as folder:
        several = behind_sentinels(
            Path(folder), sentinels=3, replicas=2, down_after=DOWN_AFTER, **SERVERS
        )
        with several as group, served(REDIS_URL=group.url, **VARIABLES) as stack:
            with under_load(stack) as ground:
                fail_over(ground, group.in_charge, group.follows)
            row = ground.row()
    row.demand(longest_gap=LONGEST_GAP)
    return row


DRILL = Drill(
    name="sentinel-failover",
    happens="the Redis in charge killed with -9, Sentinels put a replica in its place",
    run=run,
)
