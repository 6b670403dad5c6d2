"""A client bound to networks or a certificate: it gets a token from there alone, and uses it from there alone."""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Callable
from ipaddress import ip_network
from typing import Any

import jwt
import pytest
from django.test import Client

from accounts.metrics import CLIENT_AUTHENTICATIONS
from accounts.services import access_tokens, service_clients
from accounts.services.service_clients import ClientKeys, IssuedSecret
from accounts.tests.client_keys import assertion_form, jwks, key_pair
from accounts.tests.oauth import basic, post_form
from authz.services import shipped
from trading.tests.factories import API_KEY, active_account

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("signing_key")]

TOKEN = "/v1/oauth/token"
PROXY, INSIDE, OUTSIDE = "10.9.0.1", "192.0.2.7", "198.51.100.7"
DIGEST, OTHER = hashlib.sha256(b"certificate").hexdigest(), hashlib.sha256(b"other").hexdigest()


def thumbprint(digest: str) -> str:
    return urlsafe_b64encode(bytes.fromhex(digest)).decode().rstrip("=")


@pytest.fixture(autouse=True)
def behind_a_proxy(environment: Callable[..., None]) -> None:
    environment(
        trusted_proxies=[ip_network("10.9.0.0/24")], client_certificate_header="X-Client-Cert-Hash"
    )


@pytest.fixture
def orders() -> IssuedSecret:
    return service_clients.create(
        name="Orders", client_id="orders", scopes=["credentials:read", "introspect"]
    )


def caller(address: str = INSIDE, certificate: str | None = None) -> dict[str, Any]:
    """WSGI's environ of a request that came through the proxy."""
    told = {} if certificate is None else {"HTTP_X_CLIENT_CERT_HASH": certificate}
    return {"REMOTE_ADDR": PROXY, "HTTP_X_FORWARDED_FOR": address, **told}


def ask(orders: IssuedSecret, **environ: str) -> Any:
    form = {"grant_type": "client_credentials"}
    return post_form(TOKEN, form, basic("orders", orders.secret), **environ)


def token(orders: IssuedSecret, **environ: str) -> str:
    answer = ask(orders, **environ)
    assert answer.status_code == 200, answer.content
    return str(answer.json()["access_token"])


def use(token: str, **environ: Any) -> int:
    """403 is for a token that was believed: the page is for people."""
    answer = Client(**environ).get("/v1/users/me", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 403 or answer.json()["type"].endswith("/errors/invalid-token")
    return int(answer.status_code)


def counted(outcome: str) -> float:
    return float(CLIENT_AUTHENTICATIONS.labels("client_secret_basic", outcome)._value.get())


def test_a_token_is_given_inside_the_network_alone(orders: IssuedSecret) -> None:
    service_clients.update(client_id="orders", networks=["192.0.2.0/24", "2001:db8::/32"])
    before = counted("wrong_network")

    assert ask(orders, **caller(INSIDE)).status_code == 200
    assert ask(orders, **caller("2001:db8::7")).status_code == 200
    for elsewhere in (OUTSIDE, "2001:db9::7", "::1"):
        refused = ask(orders, **caller(elsewhere))
        assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")
    assert counted("wrong_network") == before + 3


def test_a_token_is_used_inside_the_network_alone(orders: IssuedSecret) -> None:
    service_clients.update(client_id="orders", networks=["192.0.2.0/24"])
    issued = token(orders, **caller(INSIDE))

    assert use(issued, **caller(INSIDE)) == 403
    assert use(issued, **caller(OUTSIDE)) == 401
    assert use(issued, REMOTE_ADDR=OUTSIDE, HTTP_X_FORWARDED_FOR=INSIDE) == 401, "spoofed"
    assert use(issued, REMOTE_ADDR="") == 401, "no address at all"


def test_a_new_network_counts_for_tokens_that_were_given_before(orders: IssuedSecret) -> None:
    issued = token(orders, **caller(OUTSIDE))
    service_clients.update(client_id="orders", networks=["192.0.2.0/24"])

    assert use(issued, **caller(OUTSIDE)) == 401
    assert use(issued, **caller(INSIDE)) == 403


def test_a_token_is_given_with_the_certificate_alone_and_names_it(orders: IssuedSecret) -> None:
    service_clients.update(client_id="orders", certificates=[thumbprint(DIGEST)])
    before = counted("wrong_certificate")

    for certificate in (None, OTHER, "", "nonsense", f"{DIGEST}, {DIGEST}"):
        refused = ask(orders, **caller(certificate=certificate))
        assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")
    assert counted("wrong_certificate") == before + 5

    claims = jwt.decode(
        token(orders, **caller(certificate=DIGEST)), options={"verify_signature": False}
    )
    assert claims["cnf"] == {"x5t#S256": thumbprint(DIGEST)}


def test_a_token_is_used_with_its_own_certificate_alone(orders: IssuedSecret) -> None:
    both = [thumbprint(DIGEST), thumbprint(OTHER)]
    service_clients.update(client_id="orders", certificates=both)
    issued = token(orders, **caller(certificate=DIGEST))

    assert use(issued, **caller(certificate=DIGEST)) == 403
    assert use(issued, **caller(certificate=OTHER)) == 401, "the client's, and not the token's"
    assert use(issued, **caller()) == 401


def test_a_certificate_that_a_stranger_writes_into_the_header_is_not_believed(
    orders: IssuedSecret,
) -> None:
    service_clients.update(client_id="orders", certificates=[thumbprint(DIGEST)])
    issued = token(orders, **caller(certificate=DIGEST))
    spoofed = {"REMOTE_ADDR": OUTSIDE, "HTTP_X_CLIENT_CERT_HASH": DIGEST}

    assert ask(orders, **spoofed).status_code == 401
    assert use(issued, **spoofed) == 401
    assert use(issued, **spoofed, HTTP_X_FORWARDED_FOR=PROXY) == 401


def test_without_the_setting_no_header_is_a_certificate(
    orders: IssuedSecret, environment: Callable[..., None]
) -> None:
    service_clients.update(client_id="orders", certificates=[thumbprint(DIGEST)])
    environment(trusted_proxies=[ip_network("10.9.0.0/24")], client_certificate_header=None)

    assert ask(orders, **caller(certificate=DIGEST)).status_code == 401


def test_a_certificate_that_is_taken_away_takes_its_tokens_along(orders: IssuedSecret) -> None:
    service_clients.update(client_id="orders", certificates=[thumbprint(DIGEST)])
    issued = token(orders, **caller(certificate=DIGEST))
    service_clients.update(client_id="orders", certificates=[thumbprint(OTHER)])

    assert use(issued, **caller(certificate=DIGEST)) == 401

    service_clients.update(client_id="orders", certificates=[])
    assert use(issued, **caller()) == 401, "the token still says with what it is good"
    assert use(issued, **caller(certificate=DIGEST)) == 403


def test_tokens_from_before_the_certificate_are_refused(orders: IssuedSecret) -> None:
    issued = token(orders, **caller(certificate=DIGEST))
    service_clients.update(client_id="orders", certificates=[thumbprint(DIGEST)])

    assert use(issued, **caller(certificate=DIGEST)) == 401


def test_network_and_certificate_must_both_be_met(orders: IssuedSecret) -> None:
    service_clients.update(
        client_id="orders", networks=["192.0.2.0/24"], certificates=[thumbprint(DIGEST)]
    )

    assert ask(orders, **caller(INSIDE, DIGEST)).status_code == 200
    assert ask(orders, **caller(OUTSIDE, DIGEST)).status_code == 401
    assert ask(orders, **caller(INSIDE, OTHER)).status_code == 401


def test_an_assertion_is_bound_as_a_secret_is(orders: IssuedSecret) -> None:
    pair = key_pair("ES256")
    service_clients.update(
        client_id="orders", keys=ClientKeys(jwks=jwks(pair)), networks=["192.0.2.0/24"]
    )

    def prove(address: str) -> int:
        form = assertion_form(pair.assertion("orders"))
        return int(post_form(TOKEN, form, **caller(address)).status_code)

    assert (prove(INSIDE), prove(OUTSIDE)) == (200, 401)


def test_introspection_is_asked_from_the_network_too(orders: IssuedSecret) -> None:
    service_clients.update(client_id="orders", networks=["192.0.2.0/24"])
    proof = basic("orders", orders.secret)

    for address, status in ((INSIDE, 200), (OUTSIDE, 401)):
        answer = post_form("/v1/oauth/introspect", {"token": "x"}, proof, **caller(address))
        assert answer.status_code == status


def test_a_client_that_is_bound_to_nothing_goes_on_as_before(orders: IssuedSecret) -> None:
    issued = token(orders, **caller(OUTSIDE, DIGEST))

    assert "cnf" not in jwt.decode(issued, options={"verify_signature": False})
    assert use(issued, **caller(INSIDE, OTHER)) == 403


def test_broker_credentials_are_for_bound_clients_inside_their_binding(
    orders: IssuedSecret,
) -> None:
    shipped.install()
    path = f"/v1/internal/trading-accounts/{active_account().public_id}/credentials"

    def read(address: str) -> Any:
        return Client(**caller(address)).post(path, headers={"Authorization": f"Bearer {issued}"})

    issued = token(orders, **caller(INSIDE))
    unbound = read(INSIDE)
    assert unbound.status_code == 403
    assert unbound.json()["type"].endswith("/errors/client-not-bound")

    service_clients.update(client_id="orders", networks=["192.0.2.0/24"])
    assert read(INSIDE).json()["api_key"] == API_KEY
    assert read(OUTSIDE).status_code == 401


@pytest.mark.parametrize("certificate", ["x", 1, {}, ["x"], None])
def test_a_confirmation_that_is_no_thumbprint_is_refused(
    orders: IssuedSecret, certificate: Any
) -> None:
    from accounts.tests.forging import active_key, signed

    genuine = jwt.decode(token(orders, **caller()), options={"verify_signature": False})

    def presented(confirmation: Any) -> int:
        forged = signed({**genuine, "cnf": confirmation}, key=active_key())
        return use(forged, **caller(certificate=DIGEST))

    assert presented({"x5t#S256": certificate}) == 401
    assert presented(certificate) == 401
    assert presented({"x5t#S256": thumbprint(DIGEST)}) == 403


def test_what_is_verified_without_a_request_meets_no_binding(orders: IssuedSecret) -> None:
    service_clients.update(client_id="orders", networks=["192.0.2.0/24"])
    issued = token(orders, **caller(INSIDE))

    with pytest.raises(access_tokens.InvalidTokenError):
        access_tokens.verify(issued)
    assert access_tokens.read(issued).bound
