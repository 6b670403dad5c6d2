"""Personal API keys: made, told from others, revoked."""

import hashlib
import hmac
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts import tasks
from accounts.errors import ApiKeyNotFoundError, InvalidTokenError, TooManyApiKeysError
from accounts.events.people import ApiKeyCreated, ApiKeyRevoked
from accounts.metrics import API_KEY_USES
from accounts.models import ApiKey, User
from accounts.models.api_key import HINT_LENGTH, ApiKeyScope
from accounts.services import api_key_format
from accounts.services.api_key_rules import checked
from config.http import context
from events.domain import emit


@dataclass(frozen=True, kw_only=True, slots=True)
class IssuedKey:
    """A new key: `secret` is known here and never again."""

    key: ApiKey
    secret: str = field(repr=False)


def create(
    *,
    user: User,
    name: str,
    scopes: Collection[str],
    networks: Collection[str] = (),
    expires_at: datetime | None = None,
) -> IssuedKey:
    """A key of `user`, good until `expires_at` or for `api_key_default_lifetime`, from `networks` or from anywhere.

    The person is told by mail. Raises InvalidApiKeyError, naming the field, TooManyApiKeysError, and InvalidTokenError
    for somebody who was shut out meanwhile.
    """
    terms = checked(name=name, scopes=scopes, networks=networks, expires_at=expires_at)
    secret = api_key_format.draw()
    with transaction.atomic():
        _hold_active(user)
        if ApiKey.objects.for_user(user.pk).working().count() >= _most():
            raise TooManyApiKeysError(f"The most is {_most()}: revoke one that is not needed.")
        key = ApiKey.objects.create(
            user=user,
            name=terms.name,
            digest=digest_of(secret),
            hint=secret[-HINT_LENGTH:],
            scopes=list(terms.scopes),
            networks=list(terms.networks),
            expires_at=terms.expires_at,
        )
        emit(
            ApiKeyCreated(
                user_id=user.public_id, key_id=key.public_id, name=key.name, scopes=terms.scopes
            )
        )
        transaction.on_commit(
            lambda: tasks.send_api_key_created_mail.delay(user.public_id, key.public_id)
        )
    return IssuedKey(key=key, secret=secret)


def authenticate(presented: str) -> ApiKey:
    """The key that `presented` is, with its `user`, who may act by it from here and now.

    What is mistyped is refused without a query. Raises InvalidTokenError, the same for every cause.
    """
    key = find(presented)
    if key is None:
        outcome = "unknown" if api_key_format.is_well_formed(presented) else "malformed"
    else:
        outcome = _standing(key) if _standing(key) != "good" else _whence(key)
    API_KEY_USES.labels(outcome).inc()
    if key is None or outcome != "accepted":
        raise InvalidTokenError
    _note_use(key)
    return key


def find(presented: str) -> ApiKey | None:
    """The key that `presented` is, with its `user`, in whatever state; None for any other text.

    For introspection: whether it still counts is `is_good`; nobody is taken to have used it.
    """
    if not api_key_format.is_well_formed(presented):
        return None
    digest = digest_of(presented)
    key = ApiKey.objects.filter(digest=digest).select_related("user").first()
    return key if key is not None and hmac.compare_digest(bytes(key.digest), digest) else None


def is_good(key: ApiKey) -> bool:
    """Neither revoked nor run out, and of somebody who may sign in."""
    return _standing(key) == "good"


def scopes_now(key: ApiKey) -> frozenset[str]:
    """What the key may do today: what it was given, as far as keys may still be given it."""
    return frozenset(key.scopes) & frozenset(ApiKeyScope.values)


def revoke(*, key: ApiKey, reason: str = "") -> bool:
    """It is refused from the commit on. `reason` is that of staff. False when it was revoked before."""
    with transaction.atomic():
        revoked = (
            ApiKey.objects.unrevoked()
            .filter(pk=key.pk)
            .update(revoked_at=timezone.now(), revocation_reason=reason, updated_at=timezone.now())
        )
        if revoked:
            emit(
                ApiKeyRevoked(
                    user_id=key.user.public_id,
                    key_id=key.public_id,
                    name=key.name,
                    scopes=tuple(key.scopes),
                    reason=reason,
                )
            )
    return bool(revoked)


def revoke_own(*, user: User, key_id: str) -> None:
    """Revoke one of the person's keys, by public id. Raises ApiKeyNotFoundError."""
    mine = ApiKey.objects.for_user(user.pk).unrevoked().select_related("user")
    key = mine.with_public_id(key_id).first()
    if key is None or not revoke(key=key):
        raise ApiKeyNotFoundError


def revoke_all(*, user: User, reason: str) -> int:
    """Revoke every key of `user`; returns how many were not before."""
    with transaction.atomic():
        keys = ApiKey.objects.for_user(user.pk).unrevoked().select_related("user")
        return sum(revoke(key=key, reason=reason) for key in keys)


def digest_of(secret: str) -> bytes:
    """What is stored of a key."""
    return hashlib.sha256(secret.encode("ascii")).digest()


def _hold_active(user: User) -> None:
    """One change of a person's keys at a time, and none for somebody who is shut out."""
    if User.objects.active().filter(pk=user.pk).select_for_update(no_key=True).first() is None:
        raise InvalidTokenError


def _standing(key: ApiKey) -> str:
    if key.revoked_at is not None:
        return "revoked"
    if key.is_expired:
        return "expired"
    return "good" if key.user.is_active else "person_not_active"


def _whence(key: ApiKey) -> str:
    return "accepted" if key.allows_address(context.current().ip) else "foreign_address"


def _note_use(key: ApiKey) -> None:
    """When and from where it was used, `api_key_use_interval` apart: most uses write nothing."""
    now = timezone.now()
    stale = now - timedelta(seconds=settings.ENVIRONMENT.api_key_use_interval)
    if key.last_used_at is not None and key.last_used_at > stale:
        return
    same = ApiKey.objects.filter(pk=key.pk, last_used_at=key.last_used_at)
    same.update(last_used_at=now, last_used_ip=context.current().ip)


def _most() -> int:
    return settings.ENVIRONMENT.api_keys_per_person
