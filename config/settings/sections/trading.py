"""Settings: trading."""

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
