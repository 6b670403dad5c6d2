"""How a service client proves who it is, and that it is where it may be."""

import hmac
from dataclasses import dataclass, field
from typing import Literal

import structlog
from django.utils import timezone

from accounts.errors import InvalidClientError
from accounts.metrics import CLIENT_AUTHENTICATIONS
from accounts.models import ClientSecret, ServiceClient
from accounts.services import client_assertions
from accounts.services.client_assertions import AssertionRefusedError
from accounts.services.client_bindings import ClientBinding
from accounts.services.service_clients import digest_of
from config.http import context

log = structlog.get_logger(__name__)

SecretMethod = Literal["client_secret_basic", "client_secret_post"]


@dataclass(frozen=True, kw_only=True, slots=True)
class PresentedSecret:
    """What a request brought, and by which method of RFC 6749 section 2.3.1."""

    client_id: str
    secret: str = field(repr=False)
    method: SecretMethod


@dataclass(frozen=True, kw_only=True, slots=True)
class PresentedAssertion:
    """A signed assertion (RFC 7523 section 2.2). `client_id` is what the form says beside it, or empty."""

    assertion: str = field(repr=False)
    client_id: str = ""
    method: Literal["private_key_jwt"] = "private_key_jwt"


Presented = PresentedSecret | PresentedAssertion


@dataclass
class _RefusedError(Exception):
    """Why: for the metric `outcome`, and `cause` for the log. `client_id` is one of ours or empty."""

    outcome: Literal["failure", "replayed", "wrong_network", "wrong_certificate"]
    cause: str
    client_id: str = ""


def authenticate(presented: Presented) -> ServiceClient:
    """The enabled client whose secret or assertion this is, in a request from where it is bound to.

    Raises InvalidClientError, the same for every cause; the log and the metric tell them apart.
    """
    try:
        client = _proven(presented)
        _demand_binding(client)
    except _RefusedError as refused:
        CLIENT_AUTHENTICATIONS.labels(presented.method, refused.outcome).inc()
        log.info(
            "service client refused",
            method=presented.method,
            reason=refused.cause,
            client_id=refused.client_id,
        )
        raise InvalidClientError from None
    CLIENT_AUTHENTICATIONS.labels(presented.method, "success").inc()
    return client


def _proven(presented: Presented) -> ServiceClient:
    if isinstance(presented, PresentedSecret):
        return _by_secret(presented)
    return _by_assertion(presented)


def _by_secret(presented: PresentedSecret) -> ServiceClient:
    """The row is looked up by the secret's hash, so an unknown client costs what a wrong secret does, and how long a
    lookup takes tells nothing of a hash that has not been guessed whole.
    """
    digest = digest_of(presented.secret)
    found = (
        ClientSecret.objects.live(timezone.now())
        .filter(digest=digest)
        .select_related("client")
        .first()
    )
    proven = (
        found is not None
        and hmac.compare_digest(bytes(found.digest), digest)
        and hmac.compare_digest(found.client.client_id.encode(), presented.client_id.encode())
        and found.client.enabled
    )
    if found is None or not proven:
        raise _RefusedError("failure", "secret")
    return found.client


def _by_assertion(presented: PresentedAssertion) -> ServiceClient:
    try:
        client = client_assertions.client_behind(presented.assertion)
    except AssertionRefusedError as error:
        outcome: Literal["replayed", "failure"] = (
            "replayed" if error.cause == "replayed" else "failure"
        )
        raise _RefusedError(outcome, error.cause, error.client_id) from None
    if presented.client_id not in {"", client.client_id}:  # RFC 7521 section 4.2
        raise _RefusedError("failure", "another_client", client.client_id)
    return client


def _demand_binding(client: ServiceClient) -> None:
    binding = ClientBinding.of(networks=client.networks, certificates=client.certificates)
    match binding.unmet_by(context.current()):
        case "network":
            raise _RefusedError("wrong_network", "network", client.client_id)
        case "certificate":
            raise _RefusedError("wrong_certificate", "certificate", client.client_id)
