"""The vault's health probe makes a real round trip."""

from collections.abc import Callable

import pytest
from pydantic import SecretStr

from config.vault.errors import VaultUnavailableError
from config.vault.health import round_trip


def test_the_probe_passes_when_a_key_makes_the_round_trip() -> None:
    round_trip()


def test_the_probe_fails_when_the_key_cannot_be_used(environment: Callable[..., None]) -> None:
    environment(vault_local_key=SecretStr("not a key"))
    with pytest.raises(VaultUnavailableError):
        round_trip()


def test_the_probe_fails_when_the_service_returns_another_key(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("config.vault.kms.unwrap", lambda *_, **__: bytes(32))
    with pytest.raises(VaultUnavailableError):
        round_trip()
