"""A library that knows the standards and nothing of us: authlib against a real server."""

from collections.abc import Callable
from typing import Any

import pytest
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from cryptography.hazmat.primitives import serialization

from accounts.services import service_clients, signing_keys
from accounts.services.service_clients import ClientKeys
from accounts.tests.client_keys import jwks, key_pair
from authz.services import shipped

pytestmark = pytest.mark.django_db(transaction=True)

METADATA = "/.well-known/oauth-authorization-server"
Open = Callable[[str], OAuth2Session]


@pytest.fixture
def metadata(live_server: Any, environment: Callable[..., None]) -> dict[str, Any]:
    """All that the library is told: what the server says of itself."""
    environment(public_url=live_server.url)
    shipped.install()
    signing_keys.ensure_first()
    with OAuth2Session() as session:
        document: dict[str, Any] = session.get(
            f"{live_server.url}{METADATA}", withhold_token=True
        ).json()
    return document


@pytest.fixture
def opened(metadata: dict[str, Any]) -> Open:
    """A session of the client `library`, which authenticates by the method given."""
    issued = service_clients.create(name="l", client_id="library", scopes=["introspect"])
    pair = key_pair("RS256")
    service_clients.update(client_id="library", keys=ClientKeys(jwks=jwks(pair)))
    pem = pair.private_key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()

    def open_session(method: str) -> OAuth2Session:
        assert method in metadata["token_endpoint_auth_methods_supported"]
        if method != "private_key_jwt":
            return OAuth2Session(
                "library",
                issued.secret,
                token_endpoint_auth_method=method,
                revocation_endpoint_auth_method=method,
            )
        session = OAuth2Session(
            "library",
            pem,
            token_endpoint_auth_method=method,
            revocation_endpoint_auth_method=method,
        )
        session.register_client_auth_method(PrivateKeyJWT(metadata["token_endpoint"]))
        return session

    return open_session


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post", "private_key_jwt"])
def test_authlib_gets_introspects_and_revokes_a_token(
    opened: Open, metadata: dict[str, Any], method: str
) -> None:
    with opened(method) as session:
        token = session.fetch_token(metadata["token_endpoint"], grant_type="client_credentials")
        assert (token["token_type"], token["scope"]) == ("Bearer", "introspect")

        facts = session.introspect_token(
            metadata["introspection_endpoint"], token=token["access_token"]
        ).json()
        assert (facts["active"], facts["client_id"]) == (True, "library")

        revoked = session.revoke_token(metadata["revocation_endpoint"], token=token["access_token"])
        assert revoked.status_code == 200
        after = session.introspect_token(
            metadata["introspection_endpoint"], token=token["access_token"]
        )
        assert after.json() == {"active": False}


def test_authlib_finds_the_error_in_our_problems(opened: Open, metadata: dict[str, Any]) -> None:
    from authlib.integrations.base_client import OAuthError

    with opened("client_secret_basic") as session:
        with pytest.raises(OAuthError) as refusal:
            session.fetch_token(
                metadata["token_endpoint"], grant_type="client_credentials", scope="audit:read"
            )
        assert refusal.value.error == "invalid_scope"
        assert refusal.value.description == "The client was not given every scope that it asks for."

        session.client_secret = "wrong"
        with pytest.raises(OAuthError) as refusal:
            session.fetch_token(metadata["token_endpoint"], grant_type="client_credentials")
        assert refusal.value.error == "invalid_client"
