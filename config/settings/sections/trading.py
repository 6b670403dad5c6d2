"""Settings: trading."""

from pathlib import Path

from pydantic import Field

from config.settings.sections.section import Day, Hour, Minute, Section


class Trading(Section):
    """Trading"""

    kite_api_url: str | None = Field(
        None,
        description="Another root for Kite's API. Unset: Zerodha's, or under `make serve` our simulator's.",
    )
    kite_login_url: str | None = Field(
        None, description="Another address for Kite's login page: the simulator's."
    )
    broker_ca_file: Path | None = Field(
        None,
        description="A PEM file of the certificate authorities to trust at brokers. Unset: the usual ones.",
    )
    broker_connect_timeout: float = Field(
        3.0, gt=0, le=30, description="Seconds to reach a broker."
    )
    broker_read_timeout: float = Field(
        7.0, gt=0, le=60, description="Seconds to wait for a broker's answer."
    )
    broker_max_answer_bytes: int = Field(
        1024 * 1024, ge=1024, description="A broker's answer that is larger is not read."
    )
    broker_login_lifetime: int = Field(
        15 * Minute, ge=Minute, description="How long a login at the broker may take."
    )
    broker_logout_attempts: int = Field(
        2,
        ge=1,
        le=5,
        description="Tries to end a session at the broker before it is left to expire.",
    )
    broker_login_warning: int = Field(
        1 * Hour,
        ge=Minute,
        le=12 * Hour,
        description="How long before a day's login at a broker ends its owner is told by mail.",
    )
    paper_opening_cash: int = Field(
        1_000_000,
        ge=0,
        le=10**12,
        description="Rupees that a new paper trading account has.",
    )
    paper_request_lifetime: int = Field(
        5 * Minute,
        ge=10,
        le=Hour,
        description="How long the paper broker waits for a login that the person has confirmed to be fetched.",
    )
    unlinking_patience: int = Field(
        2 * Minute,
        ge=1,
        le=Day,
        description="An unlinking that a process began and did not finish is finished by another after this long.",
    )

    sync_attempts: int = Field(
        3,
        ge=1,
        le=10,
        description="Tries of one question to a broker that does not answer or is too busy.",
    )
    sync_backoff: float = Field(
        0.5,
        ge=0,
        le=10,
        description="The longest pause, in seconds, before the second try; it doubles with each.",
    )
    sync_patience: float = Field(
        20.0,
        ge=0,
        le=120,
        description="Seconds after which a sync waits for nothing more: no turn at the broker, no further try.",
    )
    circuit_failures: int = Field(
        5,
        ge=1,
        description="Calls in a row that a broker leaves unanswered before nobody asks it for a while.",
    )
    circuit_cooldown: float = Field(
        30.0, gt=0, le=3600, description="How long that while is, in seconds."
    )
    bulk_sync_hands: int = Field(
        4, ge=1, le=256, description="Tasks that share a sync of all accounts."
    )
    bulk_sync_shift: int = Field(
        15,
        ge=1,
        le=Minute,
        description="How long such a task works before it lets others on the queue have their turn.",
    )
    bulk_sync_patience: int = Field(
        15 * Minute,
        ge=0,
        le=Day,
        description="How long an account waits, in a sync of all, for a broker that does not answer.",
    )
    sync_interval: int = Field(
        Hour,
        ge=0,
        le=Day,
        description="How often all accounts are synced, in seconds; 0 for never.",
    )
    sync_spread: int = Field(
        10 * Minute,
        ge=0,
        le=Hour,
        description="Over how long a scheduled sync of all accounts is spread.",
    )
    sync_runs_retention: int = Field(
        90 * Day, ge=Day, description="How long it is kept which syncs there were."
    )
