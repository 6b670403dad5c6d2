"""What every test may ask for."""

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.utils import timezone
from rest_framework.test import APIClient

from config.http.principal import Principal, ServiceUser

ApiClientFactory = Callable[..., APIClient]


@pytest.fixture
def api() -> ApiClientFactory:
    """`api()` is a stranger, `api(user)` that person, `api(service="ticker", scopes={…})` a service client.

    `acr="mfa"` proves a fresh second factor. The caller is taken as authenticated: how tokens do that is tested
    where tokens are made.
    """

    def build(
        user: Any = None,
        *,
        service: str = "",
        scopes: Iterable[str] = (),
        roles: Iterable[str] = (),
        acr: str = "pwd",
    ) -> APIClient:
        client = APIClient()
        if service:
            principal = Principal(
                type="service", id=service, client_id=service, scopes=frozenset(scopes)
            )
            _authenticate(client, ServiceUser(service), principal)
        elif user is not None:
            principal = Principal(
                type="user",
                id=user.public_id,
                scopes=frozenset(scopes),
                roles=frozenset(roles),
                acr=acr,
                amr=("pwd", "otp") if acr == "mfa" else ("pwd",),
                auth_time=timezone.now(),
            )
            _authenticate(client, user, principal)
        return client

    return build


def _authenticate(client: APIClient, user: Any, token: Any) -> None:
    client.force_authenticate(user=user, token=token)


@pytest.fixture
def environment(settings: Any) -> Callable[..., None]:
    """`environment(refresh_grace=0)` changes variables of the environment for one test."""

    def change(**changes: Any) -> None:
        settings.ENVIRONMENT = django_settings.ENVIRONMENT.model_copy(update=changes)

    return change
