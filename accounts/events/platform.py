"""What happens to the platform's own keys and to the programs that call it."""

from dataclasses import dataclass
from typing import ClassVar

from events.domain import DomainEvent

TOKEN_TRUST = "token_trust"  # noqa: S105 - the stamp of what `accounts.services.token_trust` keeps


@dataclass(frozen=True, kw_only=True)
class SigningKeyEvent(DomainEvent):
    """Base of everything about one signing key. `key_id` is its public id, `kid` its name in tokens and JWKS."""

    aggregate_type: ClassVar[str] = "signing_key"

    key_id: str
    kid: str

    @property
    def aggregate_id(self) -> str:
        return self.key_id

    @property
    def touches(self) -> tuple[str, ...]:
        return (TOKEN_TRUST,)


@dataclass(frozen=True, kw_only=True)
class SigningKeyRotated(SigningKeyEvent):
    """The keys to trust have changed: read the JWKS again. `kid` signs from now on; `previous_kid` signed before, or
    is empty when the active key stayed; `revoked_kid` must not be trusted any more, or is empty.
    """

    event_type = "signing_key.rotated"
    channel = "platform.signing_key.rotated"
    audit_type = "key.rotated"

    previous_kid: str = ""
    revoked_kid: str = ""


@dataclass(frozen=True, kw_only=True)
class SigningKeyPublished(SigningKeyEvent):
    """It is in the JWKS and will sign one day."""

    audit_type = "key.published"


@dataclass(frozen=True, kw_only=True)
class SigningKeyRetired(SigningKeyEvent):
    """Its last token has expired."""

    audit_type = "key.retired"


@dataclass(frozen=True, kw_only=True)
class SigningKeyRevoked(SigningKeyEvent):
    """Its tokens are refused from now on."""

    audit_type = "key.revoked"

    reason: str


@dataclass(frozen=True, kw_only=True)
class ClientUpdated(DomainEvent):
    """A service client is new or has changed; `changed` names what, and never holds a secret."""

    event_type = "client.updated"
    channel = "platform.client.updated"
    aggregate_type: ClassVar[str] = "service_client"
    audit_type = "client.updated"

    client_id: str
    changed: tuple[str, ...]
    enabled: bool
    scopes: tuple[str, ...]

    @property
    def aggregate_id(self) -> str:
        return self.client_id

    @property
    def touches(self) -> tuple[str, ...]:
        return (TOKEN_TRUST, f"service:{self.client_id}")


@dataclass(frozen=True, kw_only=True)
class ClientCreated(ClientUpdated):
    """The same to receivers; the trail tells them apart, as it does those below."""

    audit_type = "client.created"


@dataclass(frozen=True, kw_only=True)
class ClientSecretRotated(ClientUpdated):
    """A service client has a new secret; the former one works for a while."""

    audit_type = "client.secret_rotated"


@dataclass(frozen=True, kw_only=True)
class ClientDisabled(ClientUpdated):
    """A service client gets no tokens, and those it has are refused."""

    audit_type = "client.disabled"


@dataclass(frozen=True, kw_only=True)
class ClientRegistrationChanged(DomainEvent):
    """For the trail alone, beside the others: what a client proves itself with from now on, and from where."""

    aggregate_type: ClassVar[str] = "service_client"
    audit_type = "client.registration_changed"

    client_id: str
    jwks_url: str
    key_ids: tuple[str, ...]
    networks: tuple[str, ...]
    certificates: tuple[str, ...]

    @property
    def aggregate_id(self) -> str:
        return self.client_id


@dataclass(frozen=True, kw_only=True)
class ClientTokenRevoked(DomainEvent):
    """An access token of a service client is refused from now on, before its time (RFC 7009)."""

    aggregate_type: ClassVar[str] = "service_client"
    audit_type = "client.token_revoked"

    client_id: str
    jti: str

    @property
    def aggregate_id(self) -> str:
        return self.client_id

    @property
    def touches(self) -> tuple[str, ...]:
        return (TOKEN_TRUST,)
