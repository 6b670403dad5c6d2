"""Where reads go that may be a little old, and why."""

from prometheus_client import Counter

# Why a read went where it went: `replica` is the one reason to go to a replica.
REPLICA, OWN_CHANGE, LAG, AWAY, REDIS, FAILED = REASONS = (
    "replica",
    "own_change",
    "lag",
    "away",
    "redis",
    "failed",
)

READS = Counter(
    "replica_reads_total",
    "Reads that may be a little old, by where they went and why",
    ["target", "reason"],
    namespace="gatehouse",
)
