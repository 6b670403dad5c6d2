"""What this floor counts. Labels are closed vocabularies: policy and problem names."""

from prometheus_client import Counter

RATE_LIMITED = Counter(
    "rate_limited_total", "Requests refused by a rate limit", ["policy"], namespace="gatehouse"
)
IDEMPOTENCY_REPLAYS = Counter(
    "idempotency_replays_total", "Answers replayed for an Idempotency-Key", namespace="gatehouse"
)
REDIS_FALLBACKS = Counter(
    "redis_fallbacks_total",
    "Times Redis was away and something slower stood in",
    ["purpose"],
    namespace="gatehouse",
)
PROBLEMS = Counter("problems_total", "Problem documents answered", ["type"], namespace="gatehouse")
