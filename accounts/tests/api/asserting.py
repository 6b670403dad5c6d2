"""A client that proves itself by assertions at the token endpoint, and what it is told."""

from typing import Any
from urllib.parse import urlencode

from django.test import Client

from accounts.models import ServiceClient
from accounts.services import service_clients
from accounts.services.service_clients import ClientKeys
from accounts.tests.client_keys import FORM, ClientKeyPair, assertion_form, jwks

URL = "/v1/oauth/token"


def register(*pairs: ClientKeyPair, client_id: str = "orders") -> ServiceClient:
    return service_clients.create_with_keys(
        name="Orders",
        client_id=client_id,
        scopes=["authz:check", "events:read"],
        keys=ClientKeys(jwks=jwks(*pairs)),
    )


def ask(assertion: str, **more: str) -> Any:
    return Client().post(URL, urlencode(assertion_form(assertion, **more)), content_type=FORM)


def assert_refused(answer: Any) -> None:
    assert answer.status_code == 401, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    document = answer.json()
    assert document["error"] == "invalid_client"
    assert document["error_description"] == "Client authentication failed"
