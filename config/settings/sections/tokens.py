"""Settings: tokens and sessions."""

from typing import Literal

from pydantic import Field

from config.settings.sections.section import Day, Hour, Minute, Section


class Tokens(Section):
    """Tokens and sessions"""

    token_audience: str = Field("gatehouse", description="The `aud` of access tokens.")
    access_token_lifetime: int = Field(
        15 * Minute, ge=60, le=Hour, description="Life of a person's access token."
    )
    service_token_lifetime: int = Field(
        1 * Hour, ge=60, le=Day, description="Life of a service client's access token."
    )
    refresh_absolute_lifetime: int = Field(
        90 * Day,
        ge=Hour,
        description="A kept session ends this long after sign-in, whatever happens.",
    )
    refresh_idle_lifetime: int = Field(
        14 * Day,
        ge=Hour,
        description="A kept session ends when it was not refreshed for this long.",
    )
    refresh_short_lifetime: int = Field(
        12 * Hour, ge=Minute, description="Life of a session without `persist_session`."
    )
    sessions_per_person: int = Field(
        25,
        ge=1,
        le=1000,
        description="Live sessions that one person may have; one more ends the oldest.",
    )
    session_activity_interval: int = Field(
        1 * Minute,
        ge=1,
        le=Hour,
        description="How exact `last_active_at` is: requests move it at most this often.",
    )
    session_sweep_batch: int = Field(
        500, ge=1, le=10_000, description="Sessions that ran out and are ended in one transaction."
    )
    refresh_grace: int = Field(
        10,
        ge=0,
        le=60,
        description="A rotated refresh token still gets its successor for this long, from the same client.",
    )
    refresh_most_rotations: int = Field(
        100_000,
        ge=10_000,
        le=10_000_000,
        description="How often the refresh token of one session is rotated; then its person signs in again. "
        "Recognising an old token takes a step for each.",
    )
    step_up_max_age: int = Field(
        5 * Minute,
        ge=30,
        le=Hour,
        description="How fresh a second factor must be where one is demanded.",
    )
    signing_algorithm: Literal["RS256", "ES256", "EdDSA"] = Field(
        "RS256",
        description="How access tokens are signed. A change counts from the next rotation on; set it on every machine.",
    )
    signing_key_lifetime: int = Field(
        30 * Day, ge=Hour, description="An active signing key is replaced when it is this old."
    )
    jwks_max_age: int = Field(
        10 * Minute,
        ge=30,
        le=Day,
        description="How long others may keep our JWKS; a new key is published this long before it signs.",
    )

    clock_leeway: int = Field(
        5, ge=0, le=Minute, description="How far the clocks of our machines may be apart."
    )
    access_token_max_length: int = Field(
        8192,
        ge=2048,
        le=65536,
        description="Longer access tokens and assertions are refused unread; in characters.",
    )
    remembered_tokens: int = Field(
        4096,
        ge=0,
        description="Verified access tokens that a process remembers, so as not to verify them again.",
    )
    client_secret_overlap: int = Field(
        1 * Day,
        ge=0,
        le=30 * Day,
        description="How long a service client's replaced secret still works.",
    )
