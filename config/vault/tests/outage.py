"""The key service goes away, and comes back."""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from pydantic import SecretStr

from config.vault import kms
from config.vault.opened_keys import opened_keys


class KeyService:
    """What wraps and unwraps data keys for this process. `environment` changes settings, as the fixture does."""

    def __init__(self, environment: Callable[..., None]) -> None:
        self._environment = environment
        self._key = settings.ENVIRONMENT.vault_local_key

    def leave(self) -> None:
        """Nothing is wrapped or unwrapped from now on, and nothing that was is remembered."""
        opened_keys.clear()
        self._environment(vault_local_key=SecretStr("not a key"), kek_lookup_lifetime=0)

    def come_back(self) -> None:
        self._environment(vault_local_key=self._key)


def assert_vault_unavailable(answer: Any) -> None:
    """The answer says that trying again later makes sense, and when; it says nothing of why."""
    assert answer.status_code == 503, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["type"].endswith("/errors/vault-unavailable")
    assert answer["Retry-After"] == str(settings.ENVIRONMENT.kms_retry_after)
    assert "VAULT_" not in answer.content.decode()


class WatchedKeyService:
    """Notes who asks, and whether in a transaction: then others wait for the key service at that one's locks.

    It is asked for every secret, for nothing is remembered. For tests with real transactions.
    """

    def __init__(self, environment: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
        environment(data_key_cache_lifetime=0)
        self.forget()
        for name in ("wrap", "unwrap"):
            monkeypatch.setattr(kms, name, self._watched(name, getattr(kms, name)))

    def forget(self) -> None:
        opened_keys.clear()
        self.asked: list[str] = []

    def _watched(self, name: str, ask: Callable[..., Any]) -> Callable[..., Any]:
        def watched(*given: Any, **named: Any) -> Any:
            self.asked.append(f"{name} in a transaction" if connection.in_atomic_block else name)
            return ask(*given, **named)

        return watched
