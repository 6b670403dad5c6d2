"""The Redis in charge dies under load: the Sentinels put a replica in its place, and it comes back as a replica.

Three servers and three Sentinels, set as docs/operators/scale-out.md asks.
"""

import json
import tempfile
import time
from pathlib import Path

from tests.proofs.chaos_victims import readiness
from tests.proofs.drills.drill import Drill, Row
from tests.proofs.drills.ground import VARIABLES, Ground, under_load
from tests.proofs.served import served
from tests.valkeys import BehindSentinels, behind_sentinels, wait_until

DOWN_AFTER = 5_000  # milliseconds: longer than STAMP_LEASE
SERVERS = {
    "appendonly": "yes",
    "min-replicas-to-write": "1",
    "min-replicas-max-lag": "3",
}
FAILOVER_LIMIT = 30.0  # seconds
LONGEST_GAP = 10.0  # seconds without a good answer of a kind


def run() -> Row:
    with tempfile.TemporaryDirectory(prefix="gatehouse-proof-") as folder:
        several = behind_sentinels(
            Path(folder), sentinels=3, replicas=2, down_after=DOWN_AFTER, **SERVERS
        )
        with several as group, served(REDIS_URL=group.url, **VARIABLES) as stack:
            with under_load(stack) as ground:
                _fail_over(group, ground)
            row = ground.row()
    row.demand(longest_gap=LONGEST_GAP)
    return row


def _fail_over(group: BehindSentinels, ground: Ground) -> None:
    former = group.in_charge()
    begun = time.monotonic()
    former.kill()
    wait_until(lambda: group.in_charge() is not former, "another in charge", limit=FAILOVER_LIMIT)
    ground.told.append(f"another was in charge after {time.monotonic() - begun:.1f} s")
    wait_until(lambda: _has_redis(readiness(ground.stack)), "a service that has Redis")
    ground.told.append(f"/readyz had Redis again after {time.monotonic() - begun:.1f} s")
    ground.calm()
    former.start()
    wait_until(lambda: group.follows(former), "the former one as a replica")
    ground.told.append(f"the former one followed {time.monotonic() - begun:.1f} s after its death")
    ground.calm()


def _has_redis(said: str) -> bool:
    code, _, body = said.partition(" ")
    return code == "200" and json.loads(body)["checks"]["redis"]["status"] == "ok"


DRILL = Drill(
    name="sentinel-failover",
    happens="the Redis in charge killed with -9, Sentinels put a replica in its place",
    run=run,
)
