"""The server of a cluster that has the stream dies under load: its replica takes its place, and it comes back as one.

Three servers with a replica each, set as docs/operators/scale-out.md asks. Celery's queues cannot be in a cluster and
have a server of their own.
"""

import tempfile
from contextlib import ExitStack
from pathlib import Path

from tests.proofs.drills.drill import Drill, Row
from tests.proofs.drills.fail_over import fail_over
from tests.proofs.drills.ground import VARIABLES, under_load
from tests.proofs.served import served
from tests.valkeys import Valkey, cluster

STREAM = "gatehouse:events"
NODE_TIMEOUT = 6_000  # milliseconds: longer than STAMP_LEASE, as operators are told
LONGEST_GAP = 10.0  # seconds without a good answer of a kind


def run() -> Row:
    with ExitStack() as held:
        folder = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="gatehouse-proof-")))
        shards = held.enter_context(
            cluster(folder / "cluster", replicas=1, node_timeout=NODE_TIMEOUT, appendonly="yes")
        )
        queues = Valkey(folder / "queues", {})
        held.callback(queues.stop)
        queues.start()
        broker = f"redis://127.0.0.1:{queues.port}/0"
        stack = held.enter_context(
            served(REDIS_URL=shards.url, CELERY_BROKER_URL=broker, **VARIABLES)
        )
        with under_load(stack) as ground:
            fail_over(ground, lambda: shards.home_of(STREAM), shards.follows)
        row = ground.row()
    row.demand(longest_gap=LONGEST_GAP)
    return row


DRILL = Drill(
    name="cluster-failover",
    happens="the server of a cluster that has the stream killed with -9, its replica takes its place",
    run=run,
)
