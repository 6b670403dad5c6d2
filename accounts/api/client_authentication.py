"""A service client that proves itself in the request itself, where a bearer token would do as well."""

from collections.abc import Mapping
from typing import Any, cast

from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.request import Request

from accounts.api.client_credentials import presented_credentials
from accounts.errors import InvalidClientError
from accounts.models import ServiceClient
from accounts.services import client_authentication
from config.http import context, ratelimit
from config.http.principal import Principal, ServiceUser
from config.http.ratelimit import RateLimit

FAILURES = RateLimit(name="oauth-client-failures", limit=60, period=60)


class ClientAuthentication(BaseAuthentication):
    """RFC 6749 section 2.3 and RFC 7523, for endpoints that read forms. Leaves a bearer token to the next class."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        if get_authorization_header(request).lower().split()[:1] == [b"bearer"]:
            return None
        form = cast("Mapping[str, str]", request.data)
        try:
            presented = presented_credentials(request.headers.get("Authorization"), form)
            client = client_authentication.authenticate(presented)
        except InvalidClientError:
            ratelimit.enforce(request, [FAILURES])
            raise
        note_client(client)
        return ServiceUser(client.client_id), Principal(
            type="service",
            id=client.client_id,
            client_id=client.client_id,
            scopes=frozenset(client.scopes),
            bound=bool(client.networks or client.certificates),
        )

    def authenticate_header(self, request: Request) -> str:
        return 'Basic realm="gatehouse", charset="UTF-8"'


def note_client(client: ServiceClient) -> None:
    """The client is known now: it acts."""
    context.amend(actor_type="service", actor_id=client.client_id, client_id=client.client_id)
