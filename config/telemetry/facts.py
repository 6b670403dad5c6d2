"""Gauges that are facts of the database: computed at scrape time, once, and not by every worker."""

from collections.abc import Callable, Iterable, Iterator

import psycopg
import structlog
from django.db import Error, connection, transaction
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

logger = structlog.get_logger(__name__)

FactSource = Callable[[], Iterable[Metric]]

# Scrapers wait 10 s for everything together by default, as long as requests wait for a connection of the pool.
LONGEST_QUERY = "2s"
PATIENCE = 1.0  # seconds

_sources: list[FactSource] = []


def register_facts(source: FactSource) -> None:
    """Have `source` asked at each scrape. Registering the same function again changes nothing.

    It returns metric families (`config.telemetry.metrics.fact` makes them) and runs in a transaction of its own,
    each of whose statements may take two seconds.
    """
    if source not in _sources:
        _sources.append(source)


class FactsCollector(Collector):
    """Asks every source. One that fails is logged and left out, so that it hides no other; without a database none is
    asked, so that the scrape tells the rest in time.
    """

    def collect(self) -> Iterator[Metric]:
        told: set[str] = set()
        for source in tuple(_sources):
            if not _database_answers():
                return
            for family in _ask(source):
                if family.name in told:
                    logger.error("fact_told_twice", metric=family.name, source=_name(source))
                    continue
                told.add(family.name)
                yield family


def _database_answers() -> bool:
    try:
        pool = connection.pool  # type: ignore[attr-defined]  # of PostgreSQL only
        if pool is not None and connection.connection is None:
            pool.open()
            pool.putconn(pool.getconn(timeout=PATIENCE))
        connection.ensure_connection()
    except (Error, psycopg.Error):
        logger.warning("facts_not_read", exc_info=True)
        return False
    return True


def _ask(source: FactSource) -> list[Metric]:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [LONGEST_QUERY])
            return list(source())
    except Exception:
        logger.exception("fact_not_read", source=_name(source))
        return []


def _name(source: FactSource) -> str:
    return f"{source.__module__}.{getattr(source, '__qualname__', type(source).__qualname__)}"
