"""What development is like when nothing is set, and when something is."""

import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from config.settings import base
from config.settings.environment import Environment

Read = Callable[[dict[str, str]], Environment]
Settings = dict[str, Any]


@pytest.fixture
def local(read: Read, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Settings]:
    """`local(NAME="value")`: the settings of development with these variables, in an empty state folder."""

    def settings(**variables: str) -> Settings:
        monkeypatch.setattr(base, "ENVIRONMENT", read({"STATE_DIR": str(tmp_path), **variables}))
        return runpy.run_module("config.settings.local")

    return settings


def test_everything_is_embedded_where_nothing_is_set(
    local: Callable[..., Settings], tmp_path: Path
) -> None:
    settings = local()
    assert settings["DATABASES"]["default"]["HOST"].endswith("/postgres")
    assert settings["REDIS_URL"].startswith("unix://")
    assert settings["CELERY_BROKER_URL"].startswith("redis+socket://")
    assert settings["EMAIL_BACKEND"] == "config.devstack.mail_backend.EmlBackend"
    assert settings["DEVSTACK_MAIL"] == tmp_path / "mail"
    assert settings["SECRET_KEY"] == local()["SECRET_KEY"]


def test_what_is_set_is_used(local: Callable[..., Settings]) -> None:
    settings = local(
        SECRET_KEY="mine",
        DATABASE_URL="postgresql://db.internal/x",
        REDIS_URL="redis://redis.internal/2",
        EMAIL_URL="smtp://mail.internal",
    )
    assert settings["SECRET_KEY"] == "mine"
    assert settings["DATABASES"]["default"]["HOST"] == "db.internal"
    assert settings["REDIS_URL"] == settings["CELERY_BROKER_URL"] == "redis://redis.internal/2"
    assert settings["EMAIL_HOST"] == "mail.internal"
