"""What an access token may be believed by: the published signing keys, the enabled service clients, and which of their
tokens were revoked.

Every process keeps a snapshot under the freshness stamp that it was loaded at, and compares stamps before it believes a
token: a revoked key or a disabled client is refused at once in all of them. The events of `accounts.events.platform`
renew the stamp in the transaction of the change.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from accounts.events.platform import TOKEN_TRUST
from accounts.models import RevokedToken, ServiceClient, SigningKey
from accounts.models.signing_key import KeyState
from accounts.services import jwk
from accounts.services.client_bindings import ClientBinding
from authz.freshness import stamps


@dataclass(frozen=True, kw_only=True, slots=True)
class TrustedKey:
    """The public half of a published signing key, and the one algorithm that it is good for."""

    kid: str
    algorithm: str
    public_key: jwk.PublicKey
    public_jwk: jwk.PublicJwk


@dataclass(frozen=True, kw_only=True, slots=True)
class TrustedClient:
    """What an enabled service client may do, and from where."""

    scopes: frozenset[str]
    binding: ClientBinding


@dataclass(frozen=True, kw_only=True, eq=False)
class TokenTrust:
    """All of it as of one stamp: `clients` by client id, `revoked` by `jti`."""

    stamp: str
    active_kid: str | None
    keys: Mapping[str, TrustedKey]
    clients: Mapping[str, TrustedClient] = field(repr=False)
    revoked: frozenset[str] = field(repr=False)


_snapshot: TokenTrust | None = None
_loading = threading.Lock()


def current(stamp: str | None = None) -> TokenTrust:
    """What is trusted now: a round trip to Redis, or none when the caller hands in the stamp of `TOKEN_TRUST` that it
    has just read together with others.
    """
    global _snapshot  # noqa: PLW0603 - one snapshot a process, replaced whole
    now = stamp or stamps.current([TOKEN_TRUST])[TOKEN_TRUST]
    snapshot = _snapshot
    if snapshot is None or snapshot.stamp != now:
        with _loading:
            snapshot = _snapshot
            if snapshot is None or snapshot.stamp != now:
                snapshot = _snapshot = _load(now)
    return snapshot


def _load(stamp: str) -> TokenTrust:
    """The rows are read after the stamp: they may be newer than it, never older."""
    keys = list(SigningKey.objects.published().defer("sealed_private_key"))
    clients = ServiceClient.objects.enabled().only(
        "client_id", "scopes", "networks", "certificates"
    )
    return TokenTrust(
        stamp=stamp,
        active_kid=next((key.kid for key in keys if key.state == KeyState.ACTIVE), None),
        keys=MappingProxyType({key.kid: _trusted(key) for key in keys}),
        clients=MappingProxyType({client.client_id: _client(client) for client in clients}),
        revoked=frozenset(RevokedToken.objects.in_force().values_list("jti", flat=True)),
    )


def _client(client: ServiceClient) -> TrustedClient:
    return TrustedClient(
        scopes=frozenset(client.scopes),
        binding=ClientBinding.of(networks=client.networks, certificates=client.certificates),
    )


def _trusted(key: SigningKey) -> TrustedKey:
    return TrustedKey(
        kid=key.kid,
        algorithm=key.algorithm,
        public_key=jwk.public_key(key.public_jwk),
        public_jwk=key.public_jwk,
    )
