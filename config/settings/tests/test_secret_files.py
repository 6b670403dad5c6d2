"""Secrets that stand in files."""

from collections.abc import Callable
from pathlib import Path

import pytest

from config.settings.environment import Environment
from config.settings.reader import SettingsError, read_environment
from config.settings.secret_files import names

Read = Callable[[dict[str, str]], Environment]


@pytest.fixture
def secret_file(tmp_path: Path) -> Path:
    path = tmp_path / "secret"
    path.write_text("correct horse\n")
    return path


@pytest.fixture
def refused(read: Read, monkeypatch: pytest.MonkeyPatch) -> Callable[[dict[str, str]], str]:
    """`refused(variables)`: what the start says of them."""

    def reading(variables: dict[str, str]) -> str:
        read({})
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        with pytest.raises(SettingsError) as caught:
            read_environment()
        return str(caught.value)

    return reading


def test_a_secret_is_read_from_its_file(
    read: Read, secret_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_KEY_FILE", str(secret_file))
    secret = read({}).secret_key
    assert secret is not None
    assert secret.get_secret_value() == "correct horse"


def test_a_url_from_a_file_is_checked_and_not_shown(
    refused: Callable[[dict[str, str]], str], secret_file: Path
) -> None:
    text = refused({"DATABASE_URL_FILE": str(secret_file)})
    assert "DATABASE_URL: must start with postgresql://" in text
    assert "correct horse" not in text


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_file_that_cannot_be_read_stops_the_start_and_is_named(
    refused: Callable[[dict[str, str]], str], secret_file: Path, content: bytes | None
) -> None:
    secret_file.unlink() if content is None else secret_file.write_bytes(content)
    text = refused({"SECRET_KEY_FILE": str(secret_file)})
    assert "SECRET_KEY: the file that SECRET_KEY_FILE names cannot be read" in text


def test_a_secret_and_its_file_are_one_too_many(
    refused: Callable[[dict[str, str]], str], secret_file: Path
) -> None:
    text = refused({"SECRET_KEY": "hunter2", "SECRET_KEY_FILE": str(secret_file)})
    assert "SECRET_KEY: is set beside SECRET_KEY_FILE" in text
    assert "hunter2" not in text


def test_every_secret_can_stand_in_a_file() -> None:
    by_a_field_of_its_own = {"vault_local_key", "vault_local_previous_keys", "vault_token"}
    by_this = set(names(Environment))
    assert by_this >= {"secret_key", "metrics_token", "database_url", "database_direct_url"}
    assert by_this >= {"redis_url", "celery_broker_url", "email_url", "vault_secret_id"}
    assert by_this >= {"google_client_secret", "sign_in_providers"}
    assert not by_this & by_a_field_of_its_own
