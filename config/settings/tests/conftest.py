"""Environments as an operator would set them."""

from base64 import b64encode
from collections.abc import Callable
from secrets import token_bytes, token_urlsafe

import pytest

from config.settings.environment import Environment

Variables = dict[str, str]


@pytest.fixture
def good_variables() -> Variables:
    """What production starts with."""
    return {
        "PUBLIC_URL": "https://gatehouse.example",
        "ALLOWED_HOSTS": "gatehouse.example",
        "SECRET_KEY": token_urlsafe(48),
        "VAULT_LOCAL_KEY": b64encode(token_bytes(32)).decode(),
        "DATABASE_URL": "postgresql://gatehouse:pass@db.internal:5432/gatehouse",
        "REDIS_URL": "rediss://:pass@redis.internal:6380/0",
        "EMAIL_URL": "smtp://mailer:pass@mail.internal:587",
    }


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> Callable[[Variables], Environment]:
    """`read(variables)`: the environment of a process that has these variables alone."""

    def reading(variables: Variables) -> Environment:
        for name in Environment.model_fields:
            monkeypatch.delenv(name.upper(), raising=False)
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setitem(Environment.model_config, "env_file", None)
        return Environment()

    return reading
