"""What a view may demand of its caller."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.tests.factories import UserFactory

pytestmark = pytest.mark.django_db
Api = Callable[..., APIClient]


def test_a_person_is_not_a_service(api: Api) -> None:
    person, service = api(UserFactory.create()), api(service="ticker")
    assert person.get("/v1/user").status_code == 200
    assert person.get("/v1/service").status_code == 403
    assert service.get("/v1/service").status_code == 200
    assert service.get("/v1/user").status_code == 403


def test_a_scope_opens_its_door(api: Api) -> None:
    assert api(service="ticker", scopes=["audit:read"]).get("/v1/scope").status_code == 200
    refused = api(service="ticker", scopes=["audit"]).get("/v1/scope")
    assert refused.status_code == 403
    assert refused["WWW-Authenticate"] == 'Bearer error="insufficient_scope", scope="audit:read"'


def test_a_fresh_second_factor_opens_a_step_up_door(api: Api) -> None:
    assert api(UserFactory.create(), acr="mfa").get("/v1/step-up").status_code == 200


def test_a_password_alone_is_challenged(api: Api) -> None:
    refused = api(UserFactory.create()).get("/v1/step-up")
    assert refused.status_code == 401
    assert refused.json()["type"].endswith("/errors/step-up-required")
    assert refused["WWW-Authenticate"] == (
        'Bearer error="insufficient_user_authentication", acr_values="mfa", max_age=300'
    )


def test_a_second_factor_grows_stale(api: Api) -> None:
    client = api(UserFactory.create(), acr="mfa")
    with time_machine.travel(timezone.now() + timedelta(seconds=301)):
        assert client.get("/v1/step-up").status_code == 401


def test_a_service_cannot_step_up(api: Api, settings: Any) -> None:
    assert api(service="ticker").get("/v1/step-up").status_code == 403


def test_a_persons_scopes_count_after_a_second_factor_alone(api: Api) -> None:
    person = UserFactory.create()
    assert api(person, scopes=["audit:read"]).get("/v1/scope").status_code == 200
    refused = api(person, scopes=["audit:read"], acr="pwd").get("/v1/scope")
    assert refused.json()["type"].endswith("/errors/step-up-required")
    assert api(person, acr="mfa").get("/v1/scope").status_code == 403


def test_a_binding_opens_the_door_of_bound_clients_alone(api: Api) -> None:
    assert api(service="ticker", bound=True).get("/v1/bound").status_code == 200
    refused = api(service="ticker").get("/v1/bound")
    assert refused.status_code == 403
    assert refused.json()["type"].endswith("/errors/client-not-bound")
    assert api(UserFactory.create()).get("/v1/bound").status_code == 403
