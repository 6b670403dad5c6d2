"""`replica`: the database of the tests has a streaming replica, which `config.replicas` knows."""

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from config.devstack.layout import Layout
from config.devstack.pytest_plugin import OWN_POSTGRES
from config.replicas import pool, positions
from config.settings.databases import replica as entry_of
from events.receivers import note_own_change
from events.signals import domain_event
from tests.streaming import Standby, standby_of

ALIAS = "replica1"
MIDDLEWARE = "config.replicas.middleware.PositionMiddleware"


@pytest.fixture(scope="session")
def standby(django_db_setup: None) -> Iterator[Standby]:
    """Made once for the run, a second's work. `replica` is for the tests."""
    if os.environ.get(OWN_POSTGRES) != os.environ["DATABASE_URL"]:
        pytest.skip("the server of DATABASE_URL is not ours to copy")
    sockets = Path(str(connection.settings_dict["HOST"]))
    with (
        tempfile.TemporaryDirectory(prefix="gatehouse-replica-") as folder,
        standby_of(Layout(sockets.parent.parent), Path(folder) / "state") as made,
    ):
        Path(folder).chmod(0o711)
        yield made


@pytest.fixture
def replica(
    standby: Standby,
    transactional_db: None,
    settings: Any,
    environment: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Standby]:
    """As with DATABASE_REPLICA_URLS set, and nothing remembered of how far it is. Tests may pause and kill it."""
    standby.resume()
    standby.catch_up()
    url = standby.layout.database_url_of(str(connection.settings_dict["NAME"]))
    connections.databases[ALIAS] = connections.configure_settings(
        {"default": {}, ALIAS: entry_of(url, pool_size=None)}
    )[ALIAS]
    _let_in(monkeypatch)
    settings.DATABASE_REPLICAS = [ALIAS]
    settings.DATABASE_ROUTERS = ["config.replicas.router.ReplicaRouter"]
    short = "config.http.short_way.ShortWayMiddleware"
    at = settings.MIDDLEWARE.index(short) + 1
    settings.MIDDLEWARE = [*settings.MIDDLEWARE[:at], MIDDLEWARE, *settings.MIDDLEWARE[at:]]
    # Other tests of the run write to the same server, so some lag is no fault.
    environment(replica_check_interval=0, replica_pause=0, replica_max_lag=300)
    pool.replica.cache_clear()
    domain_event.connect(note_own_change, dispatch_uid="events.own_change")
    yield standby
    domain_event.disconnect(dispatch_uid="events.own_change")
    positions.forget_doubts()
    connections[ALIAS].close()
    del connections[ALIAS]
    del connections.databases[ALIAS]
    standby.revive()


def _let_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """Django lets a test connect to the databases that it knew when the test began."""
    others = BaseDatabaseWrapper.ensure_connection

    def ensure_connection(self: BaseDatabaseWrapper) -> None:
        if self.alias != ALIAS:
            others(self)
        elif self.connection is None:
            with self.wrap_database_errors:
                self.connect()

    monkeypatch.setattr(BaseDatabaseWrapper, "ensure_connection", ensure_connection)
