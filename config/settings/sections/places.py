"""Settings: where things are."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr

from config.settings.sections.section import PROJECT_ROOT, CommaSeparated, Section


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
    database_replica_urls: Annotated[list[SecretStr], CommaSeparated] = Field(
        [],
        description="Streaming replicas of that database, with commas between. Lists and exports that may be a little "
        "old are read there, and show each person their own changes. Empty: everything is read from the primary.",
    )
    replica_max_lag: float = Field(
        5.0,
        gt=0,
        le=300,
        description="Seconds that a replica may be behind before it is left out.",
    )
    replica_check_interval: float = Field(
        1.0,
        ge=0,
        le=60,
        description="How often a process asks a replica that it reads from how far it is, in seconds.",
    )
    replica_pause: float = Field(
        5.0, ge=0, le=300, description="Seconds for which a replica that failed is left alone."
    )
    redis_url: SecretStr | None = Field(
        None,
        description="Redis 7 or Valkey: `redis://` or `rediss://`, `redis+sentinel://host,host2/service/0`, or "
        "`redis+cluster://host,host2` (see [More machines](scale-out.md)). Unset: an embedded server.",
    )
    celery_broker_url: SecretStr | None = Field(
        None,
        description="Celery's broker: `amqp://` or `amqps://` for RabbitMQ, or one of Redis but for a cluster. "
        "Unset: the same Redis.",
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
