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
        description="How long the feed of changes in Redis is believed; a change while Redis is away waits as long.",
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
        description="How many people, accounts and other entities a process remembers for decisions at most.",
    )
    decision_record_allows: float = Field(
        0.05,
        ge=0,
        le=1,
        description="The share of allows that is written down; denials all are.",
    )
    decision_record_interval: float = Field(
        1.0,
        ge=0,
        le=Minute,
        description="Decisions wait no longer than this to be written down; 0 writes none down.",
    )
    decision_record_buffer: int = Field(
        10_000,
        ge=1,
        le=1_000_000,
        description="How many decisions of a process may wait to be written down; more are dropped and counted.",
    )
    decision_record_bytes: int = Field(
        8192,
        ge=256,
        le=1_048_576,
        description="What is kept at most of each of context, subject and resource of a decision.",
    )
    decision_replay_limit: int = Field(
        20_000,
        ge=1,
        le=1_000_000,
        description="The most recorded decisions that a dry run replays.",
    )
    decision_replay_time: float = Field(
        5.0,
        gt=0,
        le=Minute,
        description="How long a dry run may replay before it answers with what it has.",
    )
    policy_trial_limit: int = Field(
        200_000,
        ge=1,
        le=10_000_000,
        description="The most recorded decisions that a draft is tried on at the console.",
    )
    policy_trial_at_once: int = Field(
        2_000,
        ge=0,
        le=100_000,
        description="Up to so many are replayed while the page waits; more are the work of a job.",
    )
    policy_limit: int = Field(
        10_000, ge=1, le=100_000, description="The most policies that may be in force."
    )
    policy_case_limit: int = Field(50, ge=1, le=1000, description="The most cases of one policy.")
    entity_batch_size: int = Field(
        500, ge=1, le=5_000, description="The most entities that one request may store."
    )
    entity_properties_bytes: int = Field(
        16 * 1024,
        ge=256,
        le=256 * 1024,
        description="The most that is kept of one entity, as JSON.",
    )
    entity_properties_depth: int = Field(
        8, ge=1, le=30, description="How deep the properties of an entity may be nested."
    )
    search_page_size: int = Field(
        50,
        ge=1,
        le=1_000,
        description="Results on a page of a search that asks for no other number.",
    )
    search_page_limit: int = Field(
        200, ge=1, le=1_000, description="The most results on a page of a search."
    )
    search_scan_limit: int = Field(
        1_000,
        ge=1,
        le=100_000,
        description="Entities that one request of a search decides at most; it goes on with the next page.",
    )
