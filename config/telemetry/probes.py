"""The probes of what every process stands on."""

from collections.abc import Mapping
from typing import Any

from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from config import redis


class MigrationsPendingError(Exception):
    """The database is older than the code."""


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
