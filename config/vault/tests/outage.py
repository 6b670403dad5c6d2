"""The key service goes away, and comes back."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from pydantic import SecretStr

from config.vault.opened_keys import opened_keys


class KeyService:
    """What wraps and unwraps data keys for this process. `environment` changes settings, as the fixture does."""

    def __init__(self, environment: Callable[..., None]) -> None:
        self._environment = environment
        self._key = settings.ENVIRONMENT.vault_local_key

    def leave(self) -> None:
        """Nothing is wrapped or unwrapped from now on, and nothing that was is remembered."""
        opened_keys.clear()
        self._environment(vault_local_key=SecretStr("not a key"))

    def come_back(self) -> None:
        self._environment(vault_local_key=self._key)


def assert_vault_unavailable(answer: Any) -> None:
    """The answer says that trying again later makes sense, and when; it says nothing of why."""
    assert answer.status_code == 503, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["type"].endswith("/errors/vault-unavailable")
    assert answer["Retry-After"] == str(settings.ENVIRONMENT.kms_retry_after)
    assert "VAULT_" not in answer.content.decode()
