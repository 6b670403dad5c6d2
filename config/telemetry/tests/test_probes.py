"""The probes that every process has, against the real servers."""

import pytest
import redis
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.db.utils import load_backend
from redis.backoff import NoBackoff
from redis.retry import Retry

from config import redis as our_redis
from config.telemetry import probes
from config.telemetry.probes import MigrationsPendingError


@pytest.mark.django_db
def test_a_database_that_answers_passes() -> None:
    assert int(str(probes.database()["version"]).split(".")[0]) >= 15


@pytest.mark.django_db
def test_a_database_that_is_away_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    gone = {**connection.settings_dict, "HOST": "127.0.0.1", "PORT": "1"}
    backend = load_backend(gone["ENGINE"])
    monkeypatch.setattr(probes, "connection", backend.DatabaseWrapper(gone))

    with pytest.raises(OperationalError):
        probes.database()


def test_a_redis_that_answers_passes() -> None:
    assert probes.redis_server()["version"]


def test_a_redis_that_is_away_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        our_redis, "client", lambda: redis.Redis(port=1, retry=Retry(NoBackoff(), 0))
    )

    with pytest.raises(redis.ConnectionError):
        probes.redis_server()


@pytest.mark.django_db
def test_a_database_as_new_as_the_code_passes() -> None:
    assert int(probes.migrations()["applied"]) > 0


@pytest.mark.django_db
def test_a_database_older_than_the_code_fails_and_says_what_is_missing() -> None:
    MigrationRecorder(connection).record_unapplied("jobs", "0004_leases")

    with pytest.raises(MigrationsPendingError, match=r"1 to apply: jobs\.0004_leases"):
        probes.migrations()
