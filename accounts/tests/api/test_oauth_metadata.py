"""`/.well-known/oauth-authorization-server` says what there is, and each word of it is true."""

from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from django.test import Client
from django.urls import resolve

from accounts.models.service_client import ServiceScope
from accounts.services import access_tokens, service_clients, signing_keys

URL = "/.well-known/oauth-authorization-server"
METHODS = ["client_secret_basic", "client_secret_post", "private_key_jwt"]
ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]


@pytest.mark.django_db
def test_it_names_the_issuer_of_our_tokens_and_addresses_that_exist(environment: Any) -> None:
    environment(public_url="https://id.example.com")

    document = Client().get(URL).json()

    assert document == {
        "issuer": "https://id.example.com",
        "token_endpoint": "https://id.example.com/v1/oauth/token",
        "jwks_uri": "https://id.example.com/.well-known/jwks.json",
        "grant_types_supported": ["client_credentials"],
        "response_types_supported": [],
        "scopes_supported": sorted(ServiceScope.values),
        "token_endpoint_auth_methods_supported": METHODS,
        "token_endpoint_auth_signing_alg_values_supported": ALGORITHMS,
        "introspection_endpoint": "https://id.example.com/v1/oauth/introspect",
        "introspection_endpoint_auth_methods_supported": [*METHODS, "Bearer"],
        "introspection_endpoint_auth_signing_alg_values_supported": ALGORITHMS,
        "revocation_endpoint": "https://id.example.com/v1/oauth/revoke",
        "revocation_endpoint_auth_methods_supported": [*METHODS, "none"],
        "revocation_endpoint_auth_signing_alg_values_supported": ALGORITHMS,
        "tls_client_certificate_bound_access_tokens": False,
    }
    for name in ("token_endpoint", "jwks_uri", "introspection_endpoint", "revocation_endpoint"):
        assert resolve(urlsplit(document[name]).path)


@pytest.mark.django_db
def test_tokens_are_bound_to_certificates_where_a_proxy_tells_of_them(environment: Any) -> None:
    environment(client_certificate_header="Client-Cert")

    assert Client().get(URL).json()["tls_client_certificate_bound_access_tokens"] is True


@pytest.mark.django_db
def test_it_may_be_kept(environment: Any) -> None:
    environment(jwks_max_age=600)
    answer = Client().get(URL)

    assert answer["Cache-Control"] == "public, max-age=600"
    assert Client().get(URL, headers={"If-None-Match": answer["ETag"]}).status_code == 304


@pytest.mark.django_db(transaction=True)
def test_a_client_that_knows_nothing_but_the_address_gets_a_token(
    live_server: Any, environment: Any
) -> None:
    environment(public_url=live_server.url)
    signing_keys.ensure_first()
    issued = service_clients.create(name="t", client_id="t", scopes=["events:read"])

    metadata = httpx.get(f"{live_server.url}{URL}").json()
    answer = httpx.post(
        metadata["token_endpoint"],
        data={"grant_type": metadata["grant_types_supported"][0], "scope": "events:read"},
        auth=httpx.BasicAuth("t", issued.secret),
    )

    assert answer.status_code == 200
    assert access_tokens.verify(answer.json()["access_token"]).client_id == "t"
    assert httpx.get(metadata["jwks_uri"]).json()["keys"]
