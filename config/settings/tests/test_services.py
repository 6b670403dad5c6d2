"""From a URL to what Django and Celery want."""

import pytest

from config.settings.services import caches, celery_broker, database, email


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


def test_the_cache_keeps_to_its_own_keys() -> None:
    entry = caches("redis://localhost/3")["default"]
    assert (entry["LOCATION"], entry["KEY_PREFIX"]) == ("redis://localhost/3", "gatehouse:cache")


def test_celery_spells_a_socket_in_its_own_way() -> None:
    spelt = "redis+socket:///srv/valkey.sock?virtual_host="
    assert celery_broker("unix:///srv/valkey.sock?db=3") == spelt + "3"
    assert celery_broker("unix:///srv/valkey.sock") == spelt + "0"


@pytest.mark.parametrize("url", ["redis://h:6379/1", "rediss://h", "amqp://me@h//vhost"])
def test_other_brokers_are_taken_as_they_are(url: str) -> None:
    assert celery_broker(url) == url


@pytest.mark.parametrize(
    ("url", "port", "starttls", "implicit"),
    [
        ("smtp://me:p%40ss@mail.internal:2525", 2525, True, False),
        ("smtp://me:p%40ss@mail.internal", 587, True, False),
        ("smtps://me:p%40ss@mail.internal", 465, False, True),
    ],
)
def test_mail_always_goes_over_tls(url: str, port: int, starttls: bool, implicit: bool) -> None:
    found = email(url)
    assert (found["EMAIL_HOST"], found["EMAIL_PORT"]) == ("mail.internal", port)
    assert (found["EMAIL_HOST_USER"], found["EMAIL_HOST_PASSWORD"]) == ("me", "p@ss")
    assert (found["EMAIL_USE_TLS"], found["EMAIL_USE_SSL"]) == (starttls, implicit)
