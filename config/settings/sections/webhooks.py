"""Settings: webhooks."""

from pydantic import Field

from config.settings.sections.section import Day, Hour, Minute, Section


class Webhooks(Section):
    """Webhooks"""

    webhook_timeout: float = Field(
        10.0, gt=0, le=60, description="Seconds that an endpoint has to answer a delivery."
    )
    webhook_lease: int = Field(
        2 * Minute,
        ge=1,
        le=1 * Hour,
        description="A delivery not finished after this long goes to another dispatcher; more than WEBHOOK_TIMEOUT.",
    )
    webhook_concurrency: int = Field(
        32, ge=1, le=500, description="Deliveries that one dispatcher has under way at once."
    )
    webhook_endpoint_concurrency: int = Field(
        4, ge=1, le=100, description="Deliveries under way to one endpoint, over all dispatchers."
    )
    webhook_first_retry: float = Field(
        5.0,
        gt=0,
        description="About how many seconds until a second try; four times as many after each further failure.",
    )
    webhook_longest_retry: int = Field(
        4 * Hour, ge=1, description="The longest time between two tries, Retry-After included."
    )
    webhook_retry_for: int = Field(
        1 * Day, ge=1, description="How long a delivery is tried before it is a dead letter."
    )
    webhook_circuit_failures: int = Field(
        5, ge=1, description="Failures in a row after which an endpoint is left alone for a while."
    )
    webhook_circuit_pause: int = Field(
        1 * Minute,
        ge=1,
        description="How long at first; doubled with each further failure, to an hour at most.",
    )
    webhook_disable_after: int = Field(
        5 * Day, ge=Hour, description="An endpoint that has failed for so long is disabled."
    )
    webhook_secret_overlap: int = Field(
        1 * Day, ge=0, description="How long a replaced webhook secret signs beside the new one."
    )
    webhook_endpoints_per_owner: int = Field(
        20, ge=1, description="The most endpoints that one service client may have."
    )
    webhook_log_retention: int = Field(
        14 * Day,
        ge=Hour,
        description="How long finished deliveries, dead letters included, and what they carried are kept.",
    )
