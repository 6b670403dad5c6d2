"""From a URL of PostgreSQL to what Django wants."""

import pytest

from config.settings.databases import database, replica


def test_a_database_url_with_everything() -> None:
    entry = database("postgresql://me:p%40ss@db.internal:6432/gate?sslmode=require", pool_size=4)
    assert (entry["NAME"], entry["USER"], entry["PASSWORD"]) == ("gate", "me", "p@ss")
    assert (entry["HOST"], entry["PORT"]) == ("db.internal", "6432")
    assert entry["OPTIONS"]["sslmode"] == "require"
    assert entry["OPTIONS"]["pool"]["max_size"] == 4


def test_a_database_on_a_socket() -> None:
    entry = database("postgresql://postgres@/gatehouse?host=/srv/sockets", pool_size=None)
    assert (entry["HOST"], entry["NAME"]) == ("/srv/sockets", "gatehouse")
    assert "pool" not in entry["OPTIONS"]
    assert "host" not in entry["OPTIONS"]


def test_a_statement_gives_up_its_wait_for_a_lock_where_that_is_set() -> None:
    entry = database("postgresql://me@db/gate", pool_size=None, lock_timeout=5)
    assert entry["OPTIONS"]["options"] == "-c jit=off -c lock_timeout=5s"
    entry = database("postgresql://me@db/gate", pool_size=None)
    assert entry["OPTIONS"]["options"] == "-c jit=off"


@pytest.mark.parametrize("url", ["mysql://db/x", "postgresql://h:port/x", "gatehouse"])
def test_another_kind_of_url_is_refused_without_being_shown(url: str) -> None:
    with pytest.raises(ValueError, match=r"must start with|is not a URL") as caught:
        database(url, pool_size=None)
    assert url not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [
        (
            "postgresql://me@a.internal:5432,b.internal:5433/gate",
            "a.internal,b.internal",
            "5432,5433",
        ),
        ("postgresql://me@/gate?host=/srv/a,/srv/b", "/srv/a,/srv/b", ""),
        ("postgresql://me@[::1]:5432,b:5433/gate", "::1,b", "5432,5433"),
    ],
)
def test_a_database_on_several_hosts(url: str, host: str, port: str) -> None:
    mark = "&" if "?" in url else "?"
    entry = database(f"{url}{mark}target_session_attrs=read-write", pool_size=None)
    assert (entry["HOST"], entry["PORT"]) == (host, port)
    assert entry["OPTIONS"]["target_session_attrs"] == "read-write"


def test_nothing_is_written_to_a_replica_and_nobody_waits_long_for_it() -> None:
    entry = replica("postgresql://me@replica.internal/gate", pool_size=4)
    assert "-c default_transaction_read_only=on" in entry["OPTIONS"]["options"]
    assert entry["OPTIONS"]["pool"]["timeout"] == 1
    assert entry["OPTIONS"]["connect_timeout"] == "2"
