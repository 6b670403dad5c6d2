"""Every metric of trading, declared once."""

from config.telemetry.metrics import counter, histogram

# Brokers: `call` is a method of `brokers.base.Broker`, `outcome` is `ok` or the `reason` of a `BrokerError`.
BROKER_REQUESTS = counter(
    "broker_requests_total", "Calls made to a broker", ["broker", "call", "outcome"]
)
BROKER_REQUEST_DURATION = histogram(
    "broker_request_duration_seconds",
    "How long a call to a broker took, whatever came of it",
    ["broker", "call"],
    buckets=(0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0),
)

BROKER_WAITS = histogram(
    "broker_wait_seconds",
    "How long a call to a broker was held back: for its turn at the rate limit, or before another try",
    ["broker", "cause"],
    buckets=(0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0),
)
CIRCUIT_CHANGES = counter(
    "broker_circuit_changes_total",
    "Brokers that we stopped to ask, and began to ask again",
    ["broker", "state"],
)

# Accounts
TRANSITIONS = counter(
    "trading_account_transitions_total", "Accounts that came into a status", ["broker", "status"]
)

# Syncs of one account: `outcome` is a `SyncOutcome`.
SYNC_RUNS = counter("sync_runs_total", "Syncs of one account", ["broker", "outcome"])
SYNC_DURATION = histogram(
    "sync_duration_seconds", "How long a sync of one account took", ["broker", "outcome"]
)

# Credentials
CREDENTIAL_READS = counter(
    "credential_reads_total", "Services that asked for plaintext credentials", ["outcome"]
)
CREDENTIAL_ROTATIONS = counter(
    "credential_rotations_total", "New credentials that were put to the test", ["outcome"]
)
