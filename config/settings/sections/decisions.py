"""Settings: decisions."""

from pydantic import Field

from config.settings.sections.section import Minute, Section


class Decisions(Section):
    """Decisions"""

    decision_ttl: int = Field(
        5,
        ge=0,
        le=Minute,
        description="How long a caller may act on an answer before it asks again.",
    )
    decision_batch_size: int = Field(
        1000, ge=1, le=10_000, description="The most questions in one batch of decisions."
    )
    stamp_lease: float = Field(
        2.0,
        ge=0.1,
        le=30,
        description="Life of Redis's copy of a freshness stamp; a change made while Redis is away waits as long.",
    )
    stamp_redis_pause: float = Field(
        1.0,
        ge=0,
        le=Minute,
        description="How long decisions leave Redis alone after it failed, and read PostgreSQL.",
    )
    attribute_cache_size: int = Field(
        20_000,
        ge=1,
        description="How many people and accounts a process remembers for decisions at most.",
    )
