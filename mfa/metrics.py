"""What this app counts."""

from config.telemetry.metrics import counter

VERIFICATIONS = counter(
    "mfa_verifications_total", "Codes of a second factor that were looked at", ["method", "outcome"]
)
ENROLMENTS = counter(
    "mfa_enrolments_total", "Second factors that were set up, or were not", ["method", "outcome"]
)
