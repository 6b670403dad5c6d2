"""What this app counts."""

from config.telemetry.metrics import counter

VERIFICATIONS = counter(
    "mfa_verifications_total",
    "Proofs of a second factor that were looked at",
    ["method", "outcome"],
)
ENROLMENTS = counter(
    "mfa_enrolments_total", "Second factors that were set up, or were not", ["method", "outcome"]
)
STEP_UPS = counter("step_ups_total", "Proofs brought in an open session", ["method", "outcome"])
RESETS = counter(
    "mfa_resets_total",
    "Resets of lost factors: asked for, approved, cancelled, expired",
    ["outcome"],
)
