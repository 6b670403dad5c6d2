"""Django's DATABASES, made from URLs as PostgreSQL's own library reads them."""

from typing import Any

from psycopg.conninfo import conninfo_to_dict

from config.settings.addresses import check_servers
from config.settings.environment import Environment

REPLICA_PATIENCE = 1  # seconds for a connection to a replica: the primary answers meanwhile
REPLICA_CONNECT_TIMEOUT = "2"  # the fewest that libpq knows


def databases(url: str, environment: Environment) -> dict[str, dict[str, Any]]:
    """The primary as `default`, and `replica1` and so on. Raises ValueError for a URL that cannot be read."""
    size = environment.database_pool_size
    entries = {
        "default": database(url, pool_size=size, lock_timeout=environment.database_lock_timeout)
    }
    for number, each in enumerate(environment.database_replica_urls, start=1):
        entries[f"replica{number}"] = replica(each.get_secret_value(), pool_size=size)
    return entries


def database(url: str, *, pool_size: int | None, lock_timeout: int = 0) -> dict[str, Any]:
    """The DATABASES entry for `postgresql://user:password@host:port/name?option=value`.

    `host` may be a query option, for a Unix socket, and several hosts stand with commas between, as libpq has them.
    `pool_size` None means a connection a thread instead of a pool. JIT is off: it costs seconds on join-heavy pages and
    gains nothing on ours. A statement that waits for a lock gives up after `lock_timeout` seconds; 0 leaves that to the
    server. Raises ValueError for another scheme.
    """
    check_servers("database_url", url)
    options: dict[str, Any] = dict(conninfo_to_dict(url))
    known = {
        name: str(options.pop(name, "")) for name in ("dbname", "user", "password", "host", "port")
    }
    options["options"] = "-c jit=off"
    if lock_timeout:
        options["options"] += f" -c lock_timeout={lock_timeout}s"
    if pool_size is not None:
        options["pool"] = {"min_size": 1, "max_size": pool_size, "timeout": 10}
    return {
        "ENGINE": "django_prometheus.db.backends.postgresql",
        "NAME": known["dbname"],
        "USER": known["user"],
        "PASSWORD": known["password"],
        "HOST": known["host"],
        "PORT": known["port"],
        "OPTIONS": options,
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": True,
    }


def replica(url: str, *, pool_size: int | None) -> dict[str, Any]:
    """The same of a replica: nothing can be written there, and nobody waits long for it."""
    entry = database(url, pool_size=pool_size)
    options = entry["OPTIONS"]
    options["options"] += " -c default_transaction_read_only=on"
    options.setdefault("connect_timeout", REPLICA_CONNECT_TIMEOUT)
    if pool_size is not None:
        options["pool"] |= {"min_size": 0, "timeout": REPLICA_PATIENCE}
    return entry
