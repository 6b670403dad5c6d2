"""How a service client proves who it is."""

import hmac
from dataclasses import dataclass, field
from typing import Literal

from django.utils import timezone

from accounts.errors import InvalidClientError
from accounts.metrics import CLIENT_AUTHENTICATIONS
from accounts.models import ClientSecret, ServiceClient
from accounts.services.service_clients import digest_of

Method = Literal["client_secret_basic", "client_secret_post"]


@dataclass(frozen=True, kw_only=True, slots=True)
class PresentedSecret:
    """What a request brought, and by which method of RFC 6749 section 2.3.1."""

    client_id: str
    secret: str = field(repr=False)
    method: Method


def authenticate(presented: PresentedSecret) -> ServiceClient:
    """The enabled client whose secret this is. Raises InvalidClientError, the same for every cause.

    The row is looked up by the secret's hash, so an unknown client costs what a wrong secret does, and how long a
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
    CLIENT_AUTHENTICATIONS.labels(presented.method, "success" if proven else "failure").inc()
    if found is None or not proven:
        raise InvalidClientError
    return found.client
