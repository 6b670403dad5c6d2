"""What the vault counts; what it reads from the database is in `facts`."""

from config.telemetry.metrics import counter, histogram

KMS_REQUESTS = counter(
    "kms_requests_total",
    "Calls of the key management service",
    ["provider", "operation", "outcome"],
)
KMS_REQUEST_DURATION = histogram(
    "kms_request_duration_seconds",
    "Time that the key management service took to answer",
    ["provider", "operation"],
)
OPEN_FAILURES = counter(
    "vault_open_failures_total",
    "Sealed values that did not open; `destroyed` is what shredding is for, anything else is an alarm",
    ["outcome"],
)
