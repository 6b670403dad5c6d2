"""Settings: where things are."""

from pathlib import Path

from pydantic import Field, SecretStr

from config.settings.sections.section import PROJECT_ROOT, Section


class Places(Section):
    """Where things are"""

    public_url: str = Field(
        "http://localhost:8000",
        description="How the outside reaches us; the base of every link, the `iss` of our tokens, and the home of "
        "passkeys: a name, as passkeys know no IP addresses.",
    )
    port: int = Field(8000, ge=1, le=65535, description="The port that `make serve` listens on.")
    state_dir: Path = Field(
        PROJECT_ROOT / ".devstack",
        description="Where the embedded servers, keys and mails of `make serve` live.",
    )
    demo_data: bool = Field(
        True,
        description="Whether `make serve` fills a database without people with made-up ones (`manage.py seed_demo`).",
    )
    database_url: SecretStr | None = Field(
        None,
        description="PostgreSQL 15 or newer: `postgresql://user:password@host:5432/name`. Unset: an embedded server.",
    )
    database_direct_url: SecretStr | None = Field(
        None,
        description="The same database around the pooler that DATABASE_URL leads to: relays listen there. "
        "Unset: DATABASE_URL leads to no pooler.",
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
    database_lock_timeout: int = Field(
        0,
        ge=0,
        le=3600,
        description="Seconds after which a statement that waits for a lock gives up; 0: as PostgreSQL is set. "
        "For migrations of a live service, which others then need not wait behind.",
    )
