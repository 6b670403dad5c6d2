"""Everything that PostgreSQL and Redis hold, as whoever steals a backup gets it."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.db import connection
from redis import Redis

from config.devstack import postgres
from config.devstack.errors import DevstackError
from config.redis import client

_PATIENCE = 120  # seconds for pg_dump


def of_database() -> bytes:
    """What is committed, from `pg_dump`; bytes are in hexadecimal. Without one that knows this server, each table as
    COPY writes it.
    """
    program = _pg_dump()
    return _with_program(program) if program else b"\n".join(_copied())


def of_redis() -> bytes:
    """Every key and value of every database on the server."""
    found: list[bytes] = []
    for name in client().info("keyspace"):
        number = int(str(name).removeprefix("db"))
        with Redis.from_url(settings.REDIS_URL.partition("?")[0], db=number) as server:
            for key in server.scan_iter(count=1000):
                found.append(key)
                found += _flat(_value(server, key))
    return b"\n".join(found)


def _pg_dump() -> str:
    """One that is as new as the server, or ""."""
    try:
        candidates = [str(postgres.programs() / "pg_dump"), shutil.which("pg_dump")]
    except DevstackError:
        candidates = [shutil.which("pg_dump")]
    major = connection.get_database_version()[0]
    return next((path for path in candidates if path and _major(path) >= major), "")


def _major(program: str) -> int:
    done = subprocess.run([program, "--version"], check=True, capture_output=True, text=True)
    return int(done.stdout.split()[2].partition(".")[0])


def _with_program(program: str) -> bytes:
    database = connection.settings_dict
    where = {
        "PGHOST": str(database["HOST"]),
        "PGPORT": str(database["PORT"]),
        "PGUSER": str(database["USER"]),
        "PGPASSWORD": str(database["PASSWORD"]),
        "PGDATABASE": str(database["NAME"]),
    }
    done = subprocess.run(
        [program, "--no-password"],
        env=os.environ | {name: value for name, value in where.items() if value},
        check=True,
        capture_output=True,
        timeout=_PATIENCE,
    )
    return done.stdout


def _copied() -> Iterator[bytes]:
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            quoted = connection.ops.quote_name(table)
            with cursor.copy(f"COPY (SELECT * FROM {quoted}) TO STDOUT") as rows:  # noqa: S608
                yield from (bytes(row) for row in rows)


def _value(server: Any, key: bytes) -> Any:
    """As the type of `key` has it; None for one that has expired since."""
    readers = {
        b"string": lambda: server.get(key),
        b"hash": lambda: server.hgetall(key),
        b"list": lambda: server.lrange(key, 0, -1),
        b"set": lambda: server.smembers(key),
        b"zset": lambda: server.zrange(key, 0, -1),
        b"stream": lambda: server.xrange(key),
        b"none": lambda: None,
    }
    return readers[server.type(key)]()


def _flat(value: Any) -> Iterator[bytes]:
    if isinstance(value, bytes):
        yield value
    elif isinstance(value, dict):
        yield from _flat(list(value.items()))
    elif isinstance(value, list | tuple | set):
        for part in value:
            yield from _flat(part)
