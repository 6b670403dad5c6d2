"""Values that cannot be read stop the start, are named, and are not shown."""

from collections.abc import Callable
from ipaddress import IPv4Network

import pytest

from config.settings.environment import Environment
from config.settings.reader import SettingsError, read_environment

Read = Callable[[dict[str, str]], Environment]


def test_nothing_needs_to_be_set(read: Read) -> None:
    assert read({}).port == 8000


def test_an_empty_variable_is_one_that_is_not_set(read: Read) -> None:
    assert read({"PORT": "", "DATABASE_URL": ""}).port == 8000


def test_lists_have_commas_between(read: Read) -> None:
    environment = read({"ALLOWED_HOSTS": "a.example, b.example,", "TRUSTED_PROXIES": "10.0.0.0/8"})
    assert environment.allowed_hosts == ["a.example", "b.example"]
    assert environment.trusted_proxies == [IPv4Network("10.0.0.0/8")]


def test_the_public_url_has_no_slash_at_its_end(read: Read) -> None:
    assert read({"PUBLIC_URL": "https://a.example/"}).public_url == "https://a.example"


def test_every_wrong_variable_is_named_at_once(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    read({})
    wrong = {
        "PORT": "99999999",
        "LOG_LEVEL": "LOUD",
        "TRUSTED_PROXIES": "not-a-network",
        "DATABASE_URL": "mysql://root:hunter2@db/x",
        "REDIS_URL": "redis://:hunter2@redis:notaport",
        "EMAIL_URL": "http://user:hunter2@mail",
        "CELERY_BROKER_URL": "hunter2",
        "PUBLIC_URL": "ftp://hunter2",
    }
    for name, value in wrong.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        read_environment()
    text = str(caught.value)
    for name in wrong:
        assert f"\n  {name}: " in text
    for value in ("hunter2", "99999999", "LOUD", "not-a-network"):
        assert value not in text
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_secrets_are_hidden_when_the_environment_is_printed(read: Read) -> None:
    environment = read({"SECRET_KEY": "hunter2", "DATABASE_URL": "postgresql://u:hunter2@db/x"})
    assert "hunter2" not in f"{environment!r} {environment}"
