"""The probes of what every process stands on."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from redis.exceptions import ClusterDownError

from config import geography, redis
from config.telemetry.health import NotSetUpError


class MigrationsPendingError(Exception):
    """The database is older than the code."""


class HastySentinelsError(Exception):
    """They may put a replica in charge while a lease that it was not told of any more is still in force (ADR 162)."""

    def __init__(self, patience: float, lease: float) -> None:
        super().__init__(
            f"down-after-milliseconds ({patience:g} s) is not longer than STAMP_LEASE ({lease:g} s)"
        )


class FileNotReadError(Exception):
    """A file that is set cannot be read, or not in its newest version."""


def database() -> Mapping[str, Any]:
    """Raises django.db.Error when PostgreSQL does not answer."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        (version,) = cursor.fetchone()
    return {"version": version}


def redis_server() -> Mapping[str, Any]:
    """Raises redis.RedisError when it does not answer, or a part of its cluster is away, and HastySentinelsError."""
    client = redis.client()
    with redis.at_home(client, redis.PREFIX) as home:
        told: Any = home.info("server", "replication")
        facts = {
            "version": told.get("valkey_version") or told["redis_version"],
            "mode": told.get("redis_mode") or told["server_mode"],  # the latter is Valkey's
            "replicas": told["connected_slaves"],
        }
        if facts["mode"] == "cluster":
            facts["state"] = _state_of_cluster(home)
    patience = redis.patience_of(client)
    if patience is not None:
        facts |= {"mode": "sentinel", "down_after": patience}
        if patience <= settings.ENVIRONMENT.stamp_lease:
            raise HastySentinelsError(patience, settings.ENVIRONMENT.stamp_lease)
    return facts


def _state_of_cluster(node: Any) -> str:
    state: str = node.execute_command("CLUSTER INFO")["cluster_state"]
    if state != "ok":
        raise ClusterDownError(f"the cluster's state is {state}")
    return state


def migrations() -> Mapping[str, Any]:
    """Raises MigrationsPendingError, with the names of those that are missing."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if plan:
        names = ", ".join(f"{migration.app_label}.{migration.name}" for migration, _ in plan[:10])
        raise MigrationsPendingError(f"{len(plan)} to apply: {names}")
    return {"applied": len(executor.loader.applied_migrations)}


def places() -> Mapping[str, Any]:
    """Can the place of an address be told? Raises NotSetUpError without `GEOIP_PATH`, FileNotReadError when a file is
    missing or damaged: the last good version stays in force.
    """
    facts: dict[str, Any] = {}
    for file in (geography.PLACES, geography.NETWORKS):
        records = file.content()
        if file.error:
            raise FileNotReadError(f"{file.name}: {file.error}")
        if records is not None:
            built_at = datetime.fromtimestamp(records.built_at, UTC)
            facts[file.name] = {"kind": records.kind, "built_at": built_at.isoformat()}
    if geography.PLACES.content() is None:
        raise NotSetUpError("GEOIP_PATH is not set: countries and cities are not known.")
    return facts
