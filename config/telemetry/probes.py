"""The probes of what every process stands on."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from config import geography, redis
from config.telemetry.health import NotSetUpError


class MigrationsPendingError(Exception):
    """The database is older than the code."""


class FileNotReadError(Exception):
    """A file that is set cannot be read, or not in its newest version."""


def database() -> Mapping[str, Any]:
    """Raises django.db.Error when PostgreSQL does not answer."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        (version,) = cursor.fetchone()
    return {"version": version}


def redis_server() -> Mapping[str, Any]:
    """Raises redis.RedisError when it does not answer."""
    server = redis.client().info("server")
    return {"version": server.get("valkey_version") or server["redis_version"]}


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
