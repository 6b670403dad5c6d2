"""How operators see the signing keys: readiness, gauges, and the task that tends them."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from django.test import Client
from django_celery_beat.models import PeriodicTask

from accounts import health
from accounts.errors import NoSigningKeyError
from accounts.metrics import _signing_key_facts
from accounts.models import SigningKey
from accounts.services import access_tokens, signing_keys
from accounts.tasks import tend_signing_keys
from accounts.tests.forging import private_key_of
from config.jobs.schedule import sync_schedule
from config.telemetry.health import HEALTH
from config.vault import sealing
from config.vault.errors import OpenFailedError

pytestmark = pytest.mark.django_db


def facts() -> dict[str, dict[str, float]]:
    return {
        family.name: {sample.labels["state"]: sample.value for sample in family.samples}
        for family in _signing_key_facts()
    }


def test_we_are_not_ready_without_a_signing_key() -> None:
    with pytest.raises(NoSigningKeyError):
        health.signing_key()


def test_we_are_ready_with_a_key_that_opens(signing_key: SigningKey) -> None:
    assert health.signing_key() == {"kid": signing_key.kid}


def test_we_are_not_ready_with_a_key_that_does_not_open(signing_key: SigningKey) -> None:
    sealing.shred(signing_key.key_subject)
    access_tokens._private_key.cache_clear()

    with pytest.raises(OpenFailedError):
        health.signing_key()


def test_the_probe_is_asked_about_readiness() -> None:
    probe = HEALTH._probes["signing_key"]
    assert probe.check is health.signing_key
    assert probe.critical


def test_without_keys_every_count_is_zero_and_there_is_no_age() -> None:
    assert facts() == {
        "gatehouse_signing_keys": dict.fromkeys(
            ["next", "active", "retiring", "retired", "revoked"], 0.0
        )
    }


def test_keys_are_counted_by_state_and_the_active_one_has_an_age() -> None:
    with time_machine.travel("2026-05-01T12:00Z", tick=False) as clock:
        signing_keys.tend()
        clock.shift(timedelta(hours=2))

        told = facts()

    assert told["gatehouse_signing_keys"]["active"] == 1
    assert told["gatehouse_signing_keys"]["next"] == 1
    assert told["gatehouse_signing_key_age_seconds"] == {"active": 7200}


def test_the_task_tends_the_keys() -> None:
    tend_signing_keys()

    assert set(SigningKey.objects.values_list("state", flat=True)) == {"active", "next"}


def test_the_task_is_planned_for_every_minute() -> None:
    sync_schedule()

    interval = PeriodicTask.objects.get(task="accounts.tasks.tend_signing_keys").interval
    assert interval.schedule.run_every == timedelta(minutes=1)


def test_no_log_line_of_a_keys_whole_life_holds_its_private_half(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str], environment: Any
) -> None:
    environment(jwks_max_age=0, clock_leeway=0)
    signing_keys.tend()
    key = SigningKey.objects.get(state="active")
    private = private_key_of(key)
    assert isinstance(private, RSAPrivateKey)
    numbers = private.private_numbers()
    signing_keys.rotate()
    signing_keys.revoke(kid=key.kid, reason="leaked")
    Client().get("/.well-known/jwks.json")

    captured = capsys.readouterr()
    for text in (caplog.text, captured.out, captured.err):
        for number in (numbers.p, numbers.q, numbers.d):
            assert str(number) not in text
            assert f"{number:x}" not in text
        assert "PRIVATE KEY" not in text
