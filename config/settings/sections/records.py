"""Settings: records."""

from pydantic import Field

from config.settings.sections.section import Day, Hour, Minute, Section


class Records(Section):
    """Records"""

    idempotency_lifetime: int = Field(
        1 * Day, ge=Hour, description="How long an `Idempotency-Key` is remembered."
    )
    data_key_cache_lifetime: int = Field(
        5 * Minute,
        ge=0,
        le=5 * Minute,
        description="How long an opened data key stays in memory; that of keyed hashes stays until its process ends.",
    )
    data_key_cache_size: int = Field(
        1024, ge=1, le=100_000, description="How many opened data keys a process remembers at most."
    )
    stream_retention: int = Field(
        7 * Day, ge=Hour, description="How long the event stream keeps an event."
    )
    outbox_retention: int = Field(
        7 * Day, ge=Hour, description="How long a sent outbox row is kept."
    )
    relay_batch_size: int = Field(
        500, ge=1, le=10_000, description="The most events that a relay sends in one transaction."
    )
    relay_poll_interval: float = Field(
        1.0,
        gt=0,
        le=60,
        description="An idle relay that no commit wakes looks this often, in seconds.",
    )
    relay_longest_pause: float = Field(
        5.0,
        gt=0,
        le=60,
        description="A relay that cannot reach Redis tries this often at the least.",
    )
    relay_attempts: int = Field(
        10,
        ge=1,
        le=1000,
        description="Tries after which an event that Redis refuses, and it alone, is set aside for staff.",
    )
    blocked_sign_in_retention: int = Field(
        30 * Day, ge=Day, description="How long sign-ins that were stopped as too risky are kept."
    )
    decision_retention: int = Field(
        30 * Day, ge=Day, description="How long decision records are kept."
    )
    policy_draft_lifetime: int = Field(
        7 * Day, ge=Hour, description="How long drafts of policies that were tried are kept."
    )
    audit_months_ahead: int = Field(
        3, ge=1, le=24, description="Monthly audit partitions made ahead."
    )
    audit_retention_months: int = Field(24, ge=1, description="Whole months of audit rows kept.")
    audit_chain_interval: int = Field(
        10,
        ge=1,
        le=Hour,
        description="New audit rows get their place in the hash chain this often.",
    )
    audit_checkpoint_interval: int = Field(
        1 * Hour,
        ge=Minute,
        le=Day,
        description="The hash chains of the audit trail are signed this often.",
    )
    console_view_interval: int = Field(
        1 * Minute,
        ge=1,
        le=Hour,
        description="Looks of the same of the staff at the same object leave one audit row in this time.",
    )
    scheduled_run_retention: int = Field(
        3 * Day, ge=Hour, description="How long the console remembers runs of scheduled jobs."
    )
    saved_searches_most: int = Field(
        100, ge=1, le=10_000, description="Searches of the console that one person may save."
    )
    audit_export_lifetime: int = Field(
        1 * Day, ge=Hour, description="How long an export of the audit trail can be fetched."
    )
