"""`/livez`, `/readyz` and `/health`, as strangers and as people with a right see them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client

from accounts.models import User
from accounts.tests.browsers import sign_in_browser
from accounts.tests.factories import UserFactory
from config.telemetry import health, views
from config.telemetry.health import Health

pytestmark = pytest.mark.django_db


def fail() -> None:
    raise RuntimeError("no route to host db.internal")


@pytest.fixture
def probes(monkeypatch: pytest.MonkeyPatch, environment: Any) -> Health:
    """The endpoints' probes, with none registered yet."""
    environment(health_probe_timeout=30.0, health_cache_lifetime=0.0)
    ours = Health()
    monkeypatch.setattr(health, "HEALTH", ours)
    monkeypatch.setattr(views, "HEALTH", ours)
    return ours


def test_livez_asks_nothing(probes: Health, client: Client) -> None:
    probes.register("database", fail)

    answer = client.get("/livez")

    assert answer.status_code == 200
    assert answer.json() == {"status": "ok"}


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/metrics"])
def test_machines_that_know_our_address_alone_are_answered(
    path: str, probes: Health, client: Client, settings: Any
) -> None:
    settings.ALLOWED_HOSTS = ["gatehouse.example"]
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_REDIRECT_EXEMPT = [r"^(livez|readyz|metrics)$"]
    asked_by_address = client.get(path, headers={"host": "10.1.2.3:8000"})
    assert asked_by_address.status_code == 200
    assert "no-store" in asked_by_address["Cache-Control"]


def test_readyz_tells_states_and_times(probes: Health, client: Client) -> None:
    probes.register("database", lambda: {"version": "18"})

    answer = client.get("/readyz")

    assert answer.status_code == 200
    assert answer.json()["status"] == "ok"
    assert set(answer.json()["checks"]["database"]) == {"status", "ms"}
    assert answer.json()["checks"]["database"]["ms"] >= 0
    assert "no-store" in answer["Cache-Control"]


def test_readyz_is_503_when_something_critical_fails(probes: Health, client: Client) -> None:
    probes.register("database", fail)

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["status"] == "unavailable"
    assert answer.json()["checks"]["database"]["status"] == "failed"


def test_readyz_is_200_and_degraded_without_redis(probes: Health, client: Client) -> None:
    probes.register("redis", fail, critical=False)

    answer = client.get("/readyz")

    assert answer.status_code == 200
    assert answer.json()["status"] == "degraded"


@pytest.mark.parametrize("path", ["/readyz", "/health"])
def test_strangers_learn_no_hosts_versions_or_errors(
    path: str, probes: Health, client: Client
) -> None:
    probes.register("database", lambda: {"version": "18.1"})
    probes.register("redis", fail)

    text = client.get(path).content.decode()

    for detail in ("18.1", "db.internal", "RuntimeError", "critical"):
        assert detail not in text


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/metrics"])
def test_they_are_there_to_be_read(path: str, probes: Health, client: Client) -> None:
    assert client.head(path).status_code == 200
    refused = client.post(path)
    assert refused.status_code == 405
    assert refused["Content-Type"] == "application/problem+json"


def test_holders_of_the_scope_see_the_whole(probes: Health, api: Callable[..., Any]) -> None:
    probes.register("database", lambda: {"version": "18.1"})
    probes.register("redis", fail, critical=False)

    answer = api(service="monitor", scopes={"health:read"}).get("/health")

    checks = answer.json()["checks"]
    assert answer.status_code == 200
    assert checks["database"]["facts"] == {"version": "18.1"}
    assert checks["database"]["critical"] is True
    assert checks["redis"]["error"] == "RuntimeError: no route to host db.internal"
    assert "facts" not in checks["redis"]


def test_staff_see_the_whole_by_token_and_in_the_console(
    probes: Health, api: Callable[..., Any], client: Client
) -> None:
    from authz.services.roles import grant_role

    probes.register("database", lambda: {"version": "18.1"})
    person = UserFactory.create()
    sign_in_browser(person, browser=client)
    for browser in (api(person), client):
        assert "18.1" not in browser.get("/health").content.decode()

    grant_role(user=person, role="support", granted_by=None, reason="watches")

    now = User.objects.get(pk=person.pk)  # a request looks its caller's roles up once
    for browser in (api(now), client):
        assert "18.1" in browser.get("/health").content.decode()


def test_a_token_that_is_not_good_is_said_to_be(probes: Health, client: Client) -> None:
    answer = client.get("/health", headers={"Authorization": "Bearer not.a.token"})

    assert answer.status_code == 401
    assert "Bearer" in answer["WWW-Authenticate"]


def test_health_is_503_too_when_something_critical_fails(
    probes: Health, api: Callable[..., Any]
) -> None:
    probes.register("database", fail)

    assert api(service="monitor", scopes={"health:read"}).get("/health").status_code == 503


def test_health_answers_when_callers_cannot_be_looked_up(
    probes: Health, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(self: Any, request: Any) -> None:
        raise OperationalError("the database is away")

    monkeypatch.setattr("accounts.api.authentication.BearerAuthentication.authenticate", away)
    probes.register("database", fail)

    answer = client.get("/health", headers={"Authorization": "Bearer x"})

    assert answer.status_code == 503
    assert answer.json()["checks"]["database"]["status"] == "failed"
    assert "error" not in answer.json()["checks"]["database"]


def test_the_probes_that_we_register_pass_against_the_real_servers(client: Client) -> None:
    checks = client.get("/readyz").json()["checks"]

    assert {"database", "migrations", "redis", "vault", "signing_key"} <= set(checks)
    assert checks["database"]["status"] == checks["redis"]["status"] == "ok"
