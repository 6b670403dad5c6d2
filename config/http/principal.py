"""The caller of a request, as its token or session proved it. `request.auth` of every API view is one of these."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from rest_framework.request import Request

PrincipalType = Literal["user", "service"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Principal:
    """`id` is a public user id (`usr_…`) or a service's client id; `scopes` are what the caller may ask for.

    `acr`, `amr` and `auth_time` say how and when a person proved who they are (OpenID Connect Core section 2);
    they are empty for a service, and for a person's API key, which `api_key_id` names: a key proves nothing of them.
    `bound` is for a service whose registration ties it to networks or a certificate: the request came from there.
    """

    type: PrincipalType
    id: str
    scopes: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    client_id: str = ""
    session_id: str = ""
    acr: str = ""
    amr: tuple[str, ...] = ()
    auth_time: datetime | None = None
    api_key_id: str = ""
    bound: bool = False

    @property
    def is_service(self) -> bool:
        return self.type == "service"

    @property
    def subject(self) -> str:
        """How policies name the caller: `user:usr_…` or `service:<client id>`."""
        return f"{self.type}:{self.id}"


def principal_of(request: Request) -> Principal:
    """The caller of a view that lets nobody in without credentials."""
    principal: Principal = request.auth  # type: ignore[assignment]
    return principal


@dataclass(frozen=True, slots=True)
class ServiceUser:
    """`request.user` when the caller is a service client: authenticated, and nobody's account."""

    client_id: str
    is_authenticated: bool = True
    is_anonymous: bool = False
    is_active: bool = True
    is_staff: bool = False
    pk: None = None
