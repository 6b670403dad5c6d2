"""From a URL to what Django and Celery want."""

import pytest

from config.settings.services import caches, celery_broker, email


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
