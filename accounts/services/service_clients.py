"""Service clients: made, changed, given new secrets, disabled."""

import hashlib
import re
import secrets
from base64 import b32encode
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.text import slugify

from accounts.errors import (
    InvalidServiceClientError,
    ServiceClientDisabledError,
    ServiceClientExistsError,
    ServiceClientNotFoundError,
)
from accounts.events.platform import (
    ClientCreated,
    ClientDisabled,
    ClientSecretRotated,
    ClientUpdated,
)
from accounts.models import ClientSecret, ServiceClient
from accounts.models.service_client import (
    CLIENT_ID,
    CLIENT_ID_LENGTH,
    HINT_LENGTH,
    NAME_LENGTH,
    SecretState,
    ServiceScope,
)
from config.http.problems import FieldError
from events.domain import emit

SECRET_PREFIX = "gh_cs_"  # noqa: S105 - says to scanners what the rest is
SECRET_BYTES = 32
SUFFIX_BYTES = 5  # eight characters that tell clients of one name apart


@dataclass(frozen=True, kw_only=True, slots=True)
class IssuedSecret:
    """A client and its new secret, which is known here and never again. `previous_until`: when a replaced one ends."""

    client: ServiceClient
    secret: str = field(repr=False)
    previous_until: datetime | None = None


def create(*, name: str, scopes: Collection[str], client_id: str = "") -> IssuedSecret:
    """A new client, with the id given or one made from its name, and its first secret.

    Raises InvalidServiceClientError, and ServiceClientExistsError for an id that is or was in use.
    """
    client = ServiceClient(
        client_id=client_id or _id_from(name), name=name.strip(), scopes=sorted(set(scopes))
    )
    _demand_valid(client)
    with transaction.atomic():
        try:
            with transaction.atomic():
                client.save(force_insert=True)
        except IntegrityError:
            raise ServiceClientExistsError(f"{client.client_id} is taken.") from None
        secret = _give_secret(client)
        _tell(ClientCreated, client, changed=("name", "scopes", "enabled"))
    return IssuedSecret(client=client, secret=secret)


def update(*, client_id: str, name: str, scopes: Collection[str]) -> ServiceClient:
    """Another name, other scopes. A scope that is taken away is gone from living tokens too.

    Raises ServiceClientNotFoundError, InvalidServiceClientError.
    """
    with transaction.atomic():
        client = _locked(client_id)
        before = {"name": client.name, "scopes": client.scopes}
        client.name, client.scopes = name.strip(), sorted(set(scopes))
        _demand_valid(client)
        changed = tuple(field for field, value in before.items() if getattr(client, field) != value)
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
    emit(
        kind(
            client_id=client.client_id,
            changed=changed,
            enabled=client.enabled,
            scopes=tuple(client.scopes),
        )
    )


def _id_from(name: str) -> str:
    suffix = b32encode(secrets.token_bytes(SUFFIX_BYTES)).decode().lower()
    words = re.sub(r"[^a-z0-9]+", "-", slugify(name)).strip("-")
    stem = words if words[:1].isalpha() else f"client-{words}"
    return f"{stem[: CLIENT_ID_LENGTH - len(suffix) - 1].strip('-')}-{suffix}"


def _demand_valid(client: ServiceClient) -> None:
    errors = list(_faults(client))
    if errors:
        raise InvalidServiceClientError(errors=errors)


def _faults(client: ServiceClient) -> Iterator[FieldError]:
    if not client.name or len(client.name) > NAME_LENGTH or not client.name.isprintable():
        yield FieldError("name", "invalid", f"1 to {NAME_LENGTH} printable characters.")
    if len(client.client_id) > CLIENT_ID_LENGTH or not re.fullmatch(CLIENT_ID, client.client_id):
        yield FieldError(
            "client_id", "invalid", "Words of lower-case letters and digits, with a - between them."
        )
    if not client.scopes:
        yield FieldError("scopes", "required", "At least one scope.")
    for scope in client.scopes:
        if scope not in ServiceScope.values:
            yield FieldError("scopes", "unknown", f"There is no scope {scope} for services.")
