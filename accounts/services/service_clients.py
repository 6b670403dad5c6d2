"""Service clients: made, changed, given new secrets, disabled."""

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.errors import (
    InvalidServiceClientError,
    ServiceClientDisabledError,
    ServiceClientExistsError,
    ServiceClientHasNoKeysError,
    ServiceClientNotFoundError,
)
from accounts.events.platform import (
    ClientCreated,
    ClientDisabled,
    ClientRegistrationChanged,
    ClientSecretRotated,
    ClientUpdated,
)
from accounts.models import ClientSecret, ServiceClient
from accounts.models.service_client import HINT_LENGTH, SecretState
from accounts.services import client_jwks
from accounts.services.client_rules import canonical_networks, faults, id_from
from config.http.problems import FieldError
from events.domain import emit

SECRET_PREFIX = "gh_cs_"  # noqa: S105 - says to scanners what the rest is
SECRET_BYTES = 32
CHANGEABLE = ("name", "scopes", "jwks", "jwks_url", "networks", "certificates")
REGISTRATION = frozenset(CHANGEABLE) - {"name", "scopes"}


@dataclass(frozen=True, kw_only=True, slots=True)
class IssuedSecret:
    """A client and its new secret, which is known here and never again. `previous_until`: when a replaced one ends."""

    client: ServiceClient
    secret: str = field(repr=False)
    previous_until: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ClientKeys:
    """The public keys of a client: a JWK Set, or the URL of one. With neither it has secrets alone."""

    jwks: dict[str, Any] | None = field(default=None, repr=False)
    jwks_url: str = ""


def create(
    *,
    name: str,
    scopes: Collection[str],
    client_id: str = "",
    networks: Collection[str] = (),
    certificates: Collection[str] = (),
) -> IssuedSecret:
    """A new client, with the id given or one made from its name, and its first secret.

    Raises InvalidServiceClientError, and ServiceClientExistsError for an id that is or was in use.
    """
    client = ServiceClient(client_id=client_id or id_from(name), name=name.strip())
    _set(client, scopes=scopes, networks=networks, certificates=certificates)
    with transaction.atomic():
        _insert(client)
        return IssuedSecret(client=client, secret=_give_secret(client))


def create_with_keys(
    *,
    name: str,
    scopes: Collection[str],
    keys: ClientKeys,
    client_id: str = "",
    networks: Collection[str] = (),
    certificates: Collection[str] = (),
) -> ServiceClient:
    """The same for a client that proves itself with its keys, and gets no secret.

    Raises InvalidServiceClientError, also when there are no keys, and ServiceClientExistsError.
    """
    client = ServiceClient(client_id=client_id or id_from(name), name=name.strip())
    _set(client, scopes=scopes, keys=keys, networks=networks, certificates=certificates)
    if not client.has_keys:
        raise InvalidServiceClientError(errors=[FieldError("jwks", "required", "Keys or a URL.")])
    with transaction.atomic():
        _insert(client)
    return client


def update(
    *,
    client_id: str,
    name: str | None = None,
    scopes: Collection[str] | None = None,
    keys: ClientKeys | None = None,
    networks: Collection[str] | None = None,
    certificates: Collection[str] | None = None,
) -> ServiceClient:
    """Another name, other scopes, keys or bindings; what is None stays. All of it counts at once: a scope that is taken
    away is gone from living tokens too, and they are refused from outside a network that is new.

    Raises ServiceClientNotFoundError, InvalidServiceClientError.
    """
    with transaction.atomic():
        client = _locked(client_id)
        before = {name: getattr(client, name) for name in CHANGEABLE}
        _set(
            client,
            name=name,
            scopes=scopes,
            keys=keys,
            networks=networks,
            certificates=certificates,
        )
        _demand_valid(client)
        changed = tuple(name for name in CHANGEABLE if getattr(client, name) != before[name])
        if changed:
            client.save(update_fields=[*changed, "updated_at"])
            _tell(ClientUpdated, client, changed=changed)
        return client


def rotate_secret(*, client_id: str) -> IssuedSecret:
    """A new secret. The one in use works for `client_secret_overlap` seconds more; one that was on its way out already
    ends now, so that there are never more than two.

    Raises ServiceClientNotFoundError, ServiceClientDisabledError.
    """
    with transaction.atomic():
        client = _locked(client_id)
        if not client.enabled:
            raise ServiceClientDisabledError
        now = timezone.now()
        until = now + timedelta(seconds=settings.ENVIRONMENT.client_secret_overlap)
        own = ClientSecret.objects.filter(client=client)
        own.filter(state=SecretState.OUTGOING).update(state=SecretState.ENDED, ended_at=now)
        own.filter(state=SecretState.CURRENT).update(state=SecretState.OUTGOING, expires_at=until)
        secret = _give_secret(client)
        _tell(ClientSecretRotated, client, changed=("secret",))
    return IssuedSecret(client=client, secret=secret, previous_until=until)


def end_secrets(*, client_id: str) -> ServiceClient:
    """From now on its keys alone prove it. Nothing for a client without a living secret.

    Raises ServiceClientNotFoundError, and ServiceClientHasNoKeysError for one that could not prove itself any more.
    """
    with transaction.atomic():
        client = _locked(client_id)
        if not client.has_keys:
            raise ServiceClientHasNoKeysError
        now = timezone.now()
        living = ClientSecret.objects.filter(client=client).exclude(state=SecretState.ENDED)
        if living.update(state=SecretState.ENDED, ended_at=now):
            _tell(ClientUpdated, client, changed=("secret",))
        return client


def disable(*, client_id: str) -> ServiceClient:
    """It gets no token any more, and those it has are refused from the commit on. Nothing for a disabled one.

    Raises ServiceClientNotFoundError.
    """
    with transaction.atomic():
        client = _locked(client_id)
        if client.enabled:
            client.enabled = False
            client.save(update_fields=["enabled", "updated_at"])
            _tell(ClientDisabled, client, changed=("enabled",))
        return client


def enable(*, client_id: str) -> ServiceClient:
    """Take back `disable`; the secrets are as they were. Raises ServiceClientNotFoundError."""
    with transaction.atomic():
        client = _locked(client_id)
        if not client.enabled:
            client.enabled = True
            client.save(update_fields=["enabled", "updated_at"])
            _tell(ClientUpdated, client, changed=("enabled",))
        return client


def digest_of(secret: str) -> bytes:
    """What is stored of a secret: 256 random bits need no slow hash."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def _set(
    client: ServiceClient,
    *,
    name: str | None = None,
    scopes: Collection[str] | None = None,
    keys: ClientKeys | None = None,
    networks: Collection[str] | None = None,
    certificates: Collection[str] | None = None,
) -> None:
    """Lists are kept sorted, each value once."""
    if name is not None:
        client.name = name.strip()
    if scopes is not None:
        client.scopes = sorted(set(scopes))
    if keys is not None:
        client.jwks, client.jwks_url = keys.jwks, keys.jwks_url
    if networks is not None:
        client.networks = canonical_networks(networks)
    if certificates is not None:
        client.certificates = sorted(set(certificates))


def _insert(client: ServiceClient) -> None:
    _demand_valid(client)
    try:
        with transaction.atomic():
            client.save(force_insert=True)
    except IntegrityError:
        raise ServiceClientExistsError(f"{client.client_id} is taken.") from None
    given = [name for name in CHANGEABLE[2:] if getattr(client, name)]
    _tell(ClientCreated, client, changed=("name", "scopes", "enabled", *given))


def _give_secret(client: ServiceClient) -> str:
    secret = SECRET_PREFIX + secrets.token_urlsafe(SECRET_BYTES)
    ClientSecret.objects.create(client=client, digest=digest_of(secret), hint=secret[-HINT_LENGTH:])
    return secret


def _locked(client_id: str) -> ServiceClient:
    client = ServiceClient.objects.select_for_update().filter(client_id=client_id).first()
    if client is None:
        raise ServiceClientNotFoundError
    return client


def _tell(kind: type[ClientUpdated], client: ServiceClient, *, changed: tuple[str, ...]) -> None:
    if REGISTRATION & set(changed):
        keys = [] if client.jwks is None else client_jwks.read_usable(client.jwks)
        emit(
            ClientRegistrationChanged(
                client_id=client.client_id,
                jwks_url=client.jwks_url,
                key_ids=tuple(key.kid for key in keys),
                networks=tuple(client.networks),
                certificates=tuple(client.certificates),
            )
        )
    emit(
        kind(
            client_id=client.client_id,
            changed=changed,
            enabled=client.enabled,
            scopes=tuple(client.scopes),
        )
    )


def _demand_valid(client: ServiceClient) -> None:
    errors = list(faults(client))
    if errors:
        raise InvalidServiceClientError(errors=errors)
