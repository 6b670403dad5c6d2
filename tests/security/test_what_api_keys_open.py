"""A personal API key opens what is listed here and nothing else: every address of the service is tried with one.

An endpoint that is added later is closed to keys until it says otherwise, and then this list has to say so too.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.test import APIClient
from rest_framework.views import APIView as AnyAPIView

from accounts.models.api_key import ApiKeyScope
from accounts.services import api_keys
from accounts.services.registration import create_active
from authz.tests import shipped_rules
from config.http.views import APIView
from config.telemetry import planted_secrets

OPEN = {
    ("GET", "/v1/users/me"): "me:read",
    ("GET", "/v1/users/me/preferences"): "me:read",
    ("PUT", "/v1/users/me/preferences"): "me:write",
    ("PATCH", "/v1/users/me/preferences"): "me:write",
    ("GET", "/v1/users/me/activity"): "me:read",
    ("POST", "/v1/authz/check"): "decisions:ask",
    ("POST", "/v1/authz/check/batch"): "decisions:ask",
    ("POST", "/access/v1/evaluation"): "decisions:ask",
    ("POST", "/access/v1/evaluations"): "decisions:ask",
    ("GET", "/v1/trading-accounts"): "accounts:read",
    ("GET", "/v1/trading-accounts/<str:account_id>"): "accounts:read",
    ("POST", "/v1/trading-accounts/<str:account_id>/sync"): "accounts:sync",
    ("GET", "/v1/trading-accounts/<str:account_id>/sync-runs"): "accounts:read",
}
# Whoever asks is told the same: no caller is looked at
FOR_EVERYBODY = {"/v1/schema", "/v1/docs", "/health"}
METHODS = ("get", "post", "put", "patch", "delete")


def endpoints(
    patterns: list[URLPattern | URLResolver], before: str = "/"
) -> Iterator[tuple[str, type[AnyAPIView]]]:
    """Every route that a DRF view answers, with the view."""
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from endpoints(pattern.url_patterns, route)
        elif view := getattr(pattern.callback, "cls", None):
            yield route, view


ENDPOINTS = dict(endpoints(get_resolver().url_patterns))
GUARDED = {
    route: view
    for route, view in ENDPOINTS.items()
    if view.authentication_classes and route not in FOR_EVERYBODY
}
CALLS = [
    (method.upper(), route)
    for route, view in sorted(GUARDED.items())
    for method in METHODS
    if hasattr(view, method)
]


@pytest.fixture
def with_a_key(db: None) -> Any:
    """The client of a program with a key of somebody who may do everything when signed in."""
    shipped_rules.install()
    admin = create_active(
        email="admin@example.com", name="Admin", password=None, roles=("admin",), reason="test"
    )

    def build(*scopes: str) -> APIClient:
        issued = api_keys.create(user=admin, name="robot", scopes=scopes)
        planted_secrets.add(issued.secret)
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {issued.secret}")
        return client

    return build


def address(route: str) -> str:
    return re.sub(r"<[^>]+>", "x", route)


def test_every_view_that_knows_callers_knows_of_keys() -> None:
    assert len(CALLS) > 50
    assert [route for route, view in GUARDED.items() if not issubclass(view, APIView)] == []


def test_what_the_views_say_they_open_is_what_is_listed() -> None:
    declared = {
        (method, route): scope
        for route, view in ENDPOINTS.items()
        for method, scope in getattr(view, "api_key_scopes", {}).items()
    }
    assert declared == OPEN
    assert set(OPEN.values()) == set(ApiKeyScope.values)


def test_the_openapi_document_says_what_keys_open(client: Client) -> None:
    paths = client.get("/v1/schema").json()["paths"]
    told = {
        (method.upper(), path): operation["x-api-key-scope"]
        for path, operations in paths.items()
        for method, operation in operations.items()
        if "x-api-key-scope" in operation
    }
    assert told == {
        (method, re.sub(r"<str:(\w+)>", r"{\1}", route)): scope
        for (method, route), scope in OPEN.items()
    }


@pytest.mark.parametrize(("method", "route"), [call for call in CALLS if call not in OPEN])
def test_a_key_with_every_scope_does_not_open_it(with_a_key: Any, method: str, route: str) -> None:
    answer = getattr(with_a_key(*ApiKeyScope.values), method.lower())(address(route))

    assert answer.status_code == 403, (method, route, answer.content)
    assert answer.json()["type"].endswith("/errors/api-key-not-accepted")


@pytest.mark.parametrize(("method", "route"), sorted(OPEN))
def test_a_key_opens_it_with_its_scope_and_with_no_other(
    with_a_key: Any, method: str, route: str
) -> None:
    scope = OPEN[method, route]

    without = with_a_key(*(set(ApiKeyScope.values) - {scope}))
    refused = getattr(without, method.lower())(address(route))
    assert refused.status_code == 403
    assert f'scope="{scope}"' in refused["WWW-Authenticate"]

    admitted = getattr(with_a_key(scope), method.lower())(address(route))
    assert admitted.status_code in {200, 400, 404}, admitted.content
    if method == "GET":
        assert with_a_key(scope).head(address(route)).status_code == admitted.status_code
