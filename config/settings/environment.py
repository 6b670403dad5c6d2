"""Every environment variable, once: its name, type, default and meaning.

`.env.example` and `docs/operators/settings.md` are written from this class by `manage.py settings_reference`.
A value that cannot be read stops the start and names the variable; production adds its own demands
(`config.settings.production`).
"""

from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from config.settings.addresses import check_url

PROJECT_ROOT = Path(__file__).resolve().parent.parent.parent

Minute, Hour, Day = 60, 3600, 86_400
CommaSeparated = NoDecode


class Environment(BaseSettings):
    """What may be set from outside. Times are in seconds."""

    model_config = SettingsConfigDict(
        env_file=PROJECT_ROOT / ".env", extra="ignore", frozen=True, env_ignore_empty=True
    )

    # Where things are
    public_url: str = Field(
        "http://127.0.0.1:8000",
        description="How the outside reaches us; the base of every link, and the `iss` of our tokens.",
    )
    port: int = Field(8000, ge=1, le=65535, description="The port that `make serve` listens on.")
    state_dir: Path = Field(
        PROJECT_ROOT / ".devstack",
        description="Where the embedded servers, keys and mails of `make serve` live.",
    )
    database_url: SecretStr | None = Field(
        None,
        description="PostgreSQL 15 or newer: `postgresql://user:password@host:5432/name`. Unset: an embedded server.",
    )
    redis_url: SecretStr | None = Field(
        None, description="Redis 7 or Valkey: `redis://` or `rediss://`. Unset: an embedded server."
    )
    celery_broker_url: SecretStr | None = Field(
        None, description="Celery's broker; unset: the same Redis."
    )
    database_pool_size: int = Field(
        8, ge=1, le=100, description="The most connections that one process opens to PostgreSQL."
    )

    # Secrets
    secret_key: SecretStr | None = Field(
        None,
        description="Django's signing key for cookies and links, 50 characters or more. Unset in development: made.",
    )
    vault_provider: Literal["local"] = Field(
        "local", description="Who holds the key-encryption key."
    )
    vault_local_key: SecretStr | None = Field(
        None,
        description="The local provider's key-encryption key: 32 bytes in base64. Set this or the file.",
    )
    vault_local_key_file: Path | None = Field(
        None,
        description="A file with that key, mode 0600. Unset in development: made in the state folder.",
    )
    metrics_token: SecretStr | None = Field(
        None,
        description="The bearer token that may read `/metrics`. Unset: only from the machine itself.",
    )

    # Web
    allowed_hosts: Annotated[list[str], CommaSeparated] = Field(
        ["localhost", "127.0.0.1", "[::1]"],
        description="Host names that we answer to, with commas between.",
    )
    cors_allowed_origins: Annotated[list[str], CommaSeparated] = Field(
        [], description="Browser origins that may call the API, exact."
    )
    trusted_proxies: Annotated[list[IPv4Network | IPv6Network], CommaSeparated] = Field(
        [], description="Networks whose `X-Forwarded-For` we believe."
    )
    max_body_bytes: int = Field(
        256 * 1024, ge=1024, description="Larger bodies are refused with 413."
    )

    requests_per_minute: int = Field(
        3000,
        ge=10,
        description="Requests a minute that one person or address may send to the API in all.",
    )
    service_requests_per_minute: int = Field(
        300_000, ge=10, description="The same for one service client, which speaks for many people."
    )

    # Tokens and sessions
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
    refresh_grace: int = Field(
        10,
        ge=0,
        le=60,
        description="A rotated refresh token still gets its successor for this long, from the same client.",
    )
    step_up_max_age: int = Field(
        5 * Minute,
        ge=30,
        le=Hour,
        description="How fresh a second factor must be where one is demanded.",
    )
    signing_algorithm: Literal["RS256"] = Field(
        "RS256", description="How access tokens are signed."
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
        description="Longer access tokens are refused unread; in characters.",
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

    # Single-use tokens
    email_verification_lifetime: int = Field(
        1 * Day, ge=Minute, description="Life of the link in the verification mail."
    )
    password_reset_lifetime: int = Field(
        30 * Minute, ge=Minute, description="Life of the link in the reset mail."
    )
    mfa_token_lifetime: int = Field(
        5 * Minute, ge=Minute, description="Life of the token between password and second factor."
    )
    mfa_token_attempts: int = Field(
        5, ge=1, le=10, description="Wrong codes that one such token survives."
    )
    totp_issuer: str = Field(
        "Gatehouse", description="The name that authenticator apps show beside the account."
    )
    totp_tolerance: int = Field(
        1, ge=0, le=2, description="Steps of 30 s that a code may be early or late."
    )
    backup_code_count: int = Field(
        10, ge=4, le=20, description="Backup codes that a person gets at once."
    )
    invitation_lifetime: int = Field(
        14 * Day, ge=Hour, description="How long a membership invitation may be accepted."
    )

    # Sign-in defence
    password_min_length: int = Field(
        12, ge=8, le=64, description="The shortest password that we take."
    )
    password_max_length: int = Field(128, ge=64, le=1024, description="The longest.")
    hashing_concurrency: int = Field(
        2, ge=1, le=64, description="Password hashes computed at once per process; the rest queue."
    )
    login_free_failures: int = Field(
        5, ge=1, description="Failures in the window before an account's sign-ins are delayed."
    )
    login_failure_window: int = Field(
        15 * Minute, ge=Minute, description="That window, and the longest delay."
    )

    # Trading
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
    unlinking_patience: int = Field(
        2 * Minute,
        ge=1,
        le=Day,
        description="An unlinking that a process began and did not finish is finished by another after this long.",
    )

    # Decisions
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

    # Records
    idempotency_lifetime: int = Field(
        1 * Day, ge=Hour, description="How long an `Idempotency-Key` is remembered."
    )
    data_key_cache_lifetime: int = Field(
        5 * Minute, ge=0, le=5 * Minute, description="How long an opened data key stays in memory."
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
    decision_retention: int = Field(
        30 * Day, ge=Day, description="How long decision records are kept."
    )
    audit_months_ahead: int = Field(
        3, ge=1, le=24, description="Monthly audit partitions made ahead."
    )
    audit_retention_months: int = Field(24, ge=1, description="Whole months of audit rows kept.")

    # Background work
    task_time_limit: int = Field(
        10 * Minute, ge=10, description="A background task is asked to stop after this."
    )
    task_cleanup_time: int = Field(
        30, ge=1, description="How much later it is killed if it has not."
    )
    job_max_attempts: int = Field(
        5, ge=1, le=100, description="Workers that may die over one job before it counts as failed."
    )
    job_resend_after: int = Field(
        1 * Minute,
        ge=1,
        description="A job that could not be sent to the workers is sent again after this long.",
    )

    # Mail and logs
    email_url: SecretStr | None = Field(
        None,
        description="`smtp://user:password@host:587` (STARTTLS) or `smtps://`. Unset: mails land in the state folder.",
    )
    email_from: str = Field(
        "Gatehouse <no-reply@gatehouse.example>", description="The sender of our mails."
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="The least severe log line that is written."
    )
    log_format: Literal["json", "console"] = Field(
        "json", description="`json` for machines, `console` for a person's terminal."
    )
    health_probe_timeout: float = Field(
        1.0, gt=0, le=30, description="Seconds that `/readyz` waits for its slowest probe."
    )
    health_cache_lifetime: float = Field(
        1.0, ge=0, le=60, description="Seconds that `/readyz` repeats what it found."
    )

    @field_validator("allowed_hosts", "cors_allowed_origins", "trusted_proxies", mode="before")
    @classmethod
    def _split_at_commas(cls, value: object) -> object:
        if isinstance(value, str):
            return [item.strip() for item in value.split(",") if item.strip()]
        return value

    @field_validator("database_url", "redis_url", "celery_broker_url", "email_url")
    @classmethod
    def _well_formed_url(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if value is not None:
            check_url(str(info.field_name), value.get_secret_value())
        return value

    @field_validator("public_url")
    @classmethod
    def _without_trailing_slash(cls, value: str) -> str:
        return check_url("public_url", value).geturl().rstrip("/")
