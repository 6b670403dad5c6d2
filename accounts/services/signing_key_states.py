"""The arrows between the states of a signing key, one function each.

Every one is a compare-and-set on the state that the row was read in, and none is for use outside the lock of
`accounts.services.signing_keys`.
"""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from accounts.errors import SigningKeyStateError
from accounts.events.platform import SigningKeyPublished, SigningKeyRetired, SigningKeyRevoked
from accounts.models import SigningKey
from accounts.models.signing_key import KeyState
from accounts.services import jwk
from config.vault.sealing import seal_field
from events.domain import emit


def make_active(now: datetime) -> SigningKey:
    """A new key that signs from now on, published this moment."""
    return _make(
        state=KeyState.ACTIVE,
        published_at=now,
        activated_at=now,
        longest_token_lifetime=longest_token_lifetime(),
    )


def make_next(now: datetime) -> SigningKey:
    """A new key that is published and does not sign yet."""
    key = _make(state=KeyState.NEXT, published_at=now)
    emit(SigningKeyPublished(key_id=key.public_id, kid=key.kid))
    return key


def activate(key: SigningKey, now: datetime) -> None:
    """next → active. No other key may be active any more."""
    _move(
        key,
        KeyState.ACTIVE,
        activated_at=now,
        longest_token_lifetime=longest_token_lifetime(),
    )


def begin_retiring(key: SigningKey, now: datetime) -> None:
    """active → retiring. It signs nothing more, so its private half is erased."""
    longest = max(key.longest_token_lifetime, longest_token_lifetime())
    until = now + timedelta(seconds=longest + settings.ENVIRONMENT.clock_leeway)
    _move(
        key,
        KeyState.RETIRING,
        retiring_at=now,
        tokens_expire_at=until,
        sealed_private_key=None,
    )


def note_lifetime(key: SigningKey) -> None:
    """Remember that tokens may live longer now than when `key` became active: it retires no sooner than they expire."""
    _move(key, KeyState(key.state), longest_token_lifetime=longest_token_lifetime())


def retire(key: SigningKey, now: datetime) -> None:
    """retiring → retired: out of the JWKS, for no token is left to verify."""
    _move(key, KeyState.RETIRED, retired_at=now)
    emit(SigningKeyRetired(key_id=key.public_id, kid=key.kid))


def withdraw(key: SigningKey, now: datetime) -> None:
    """next → retired: it never signed, and another is to sign in its place."""
    _move(key, KeyState.RETIRED, retired_at=now, sealed_private_key=None)
    emit(SigningKeyRetired(key_id=key.public_id, kid=key.kid))


def revoke(key: SigningKey, now: datetime, *, reason: str) -> None:
    """next, active or retiring → revoked."""
    _move(key, KeyState.REVOKED, revoked_at=now, revocation_reason=reason, sealed_private_key=None)
    emit(SigningKeyRevoked(key_id=key.public_id, kid=key.kid, reason=reason))


def longest_token_lifetime() -> int:
    """The longest life, in seconds, that any token may have under the present settings."""
    environment = settings.ENVIRONMENT
    return max(environment.access_token_lifetime, environment.service_token_lifetime)


def _make(*, state: KeyState, **stamps: Any) -> SigningKey:
    pair = jwk.generate(settings.ENVIRONMENT.signing_algorithm)
    key = SigningKey(
        kid=pair.kid,
        algorithm=pair.algorithm,
        public_jwk=pair.public_jwk,
        state=state,
        **stamps,
    )
    seal_field(key, "sealed_private_key", pair.private_der)
    key.save(force_insert=True)
    return key


def _move(key: SigningKey, state: KeyState, **stamps: Any) -> None:
    """Raises SigningKeyStateError when the row is not in the state any more that `key` was read in."""
    rows = SigningKey.objects.filter(pk=key.pk, state=key.state)
    if rows.update(state=state, updated_at=timezone.now(), **stamps) != 1:
        raise SigningKeyStateError(f"The key {key.kid} is not {key.state} any more.")
    key.refresh_from_db()
