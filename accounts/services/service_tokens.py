"""The client credentials grant (RFC 6749 section 4.4): a service client's secret for an access token."""

from dataclasses import dataclass

from accounts.errors import InvalidScopeError
from accounts.models import ServiceClient
from accounts.services.access_tokens import IssuedToken, issue_service_token
from config.http import context


@dataclass(frozen=True, kw_only=True, slots=True)
class ServiceGrant:
    """The token and the scopes that it was given."""

    issued: IssuedToken
    scopes: tuple[str, ...]


def grant(*, client: ServiceClient, scope: str) -> ServiceGrant:
    """A token for `client`, who has proven itself in the request in hand. `scope` is a list with spaces between; empty
    means all that it has. The token of a client that is bound to certificates is bound to the one it came with.

    Raises InvalidScopeError when it asks for what it was not given.
    """
    asked = frozenset(scope.split(" ")) - {""} or frozenset(client.scopes)
    if not asked <= frozenset(client.scopes):
        raise InvalidScopeError("The client was not given every scope that it asks for.")
    scopes = tuple(sorted(asked))
    certificate = context.current().client_certificate if client.certificates else ""
    issued = issue_service_token(client=client, scopes=scopes, certificate=certificate)
    return ServiceGrant(issued=issued, scopes=scopes)
