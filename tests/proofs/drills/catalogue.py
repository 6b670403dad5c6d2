"""Every drill, in the order in which they run. A drill is a module here with a `DRILL`."""

from tests.proofs.drills import (
    clock_jump,
    cluster_failover,
    full_disk,
    key_service_away,
    pooler_restarted,
    promotion,
    rabbitmq_restart,
    rolling_restart,
    sentinel_failover,
    workers_killed,
)
from tests.proofs.drills.drill import Drill

DRILLS: tuple[Drill, ...] = (
    workers_killed.DRILL,
    rolling_restart.DRILL,
    promotion.DRILL,
    pooler_restarted.DRILL,
    full_disk.DRILL,
    sentinel_failover.DRILL,
    cluster_failover.DRILL,
    rabbitmq_restart.DRILL,
    key_service_away.DRILL,
    clock_jump.DRILL,
)
