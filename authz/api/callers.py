"""Who asks a plain view for decisions: what the floor of people and tokens knows, and registers here."""

from typing import NamedTuple, Protocol

from django.http import HttpRequest

from config.http.principal import Principal, PrincipalType


class Presumed(NamedTuple):
    """Who a token spoke for when it was last examined. Good for choosing a rate limit's bucket, and nothing else."""

    type: PrincipalType
    id: str


class Authenticator(Protocol):
    """Finds out who calls, with no more than one look at one freshness stamp."""

    @property
    def stamp(self) -> str:
        """The name of the stamp that `authenticate` wants."""
        ...

    def presume(self, token: str) -> Presumed | None:
        """Without asking anybody."""
        ...

    def authenticate(self, request: HttpRequest, token: str, *, stamp: str) -> Principal:
        """`stamp` has just been read. Raises UnauthenticatedError for a token that is not good."""
        ...


class _Registered:
    authenticator: Authenticator


_registered = _Registered()


def register(authenticator: Authenticator) -> None:
    """Let `authenticator` say who calls."""
    _registered.authenticator = authenticator


def authenticator() -> Authenticator:
    """The one that was registered."""
    return _registered.authenticator
