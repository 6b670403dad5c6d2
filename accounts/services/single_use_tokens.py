"""Secrets that work once: made, looked at, used up."""

import secrets
from collections.abc import Collection
from datetime import timedelta
from hashlib import sha256
from typing import Any

from django.db.models import F
from django.utils import timezone

from accounts.errors import InvalidSingleUseTokenError
from accounts.models import SingleUseToken, User
from accounts.models.single_use_token import TokenPurpose


def issue(
    *,
    user: User,
    purpose: TokenPurpose,
    lifetime: int,
    attempts: int = 1,
    details: dict[str, Any] | None = None,
) -> str:
    """A new token of 256 bits, good for `lifetime` seconds. Earlier ones of the same purpose stop working."""
    token = secrets.token_urlsafe(32)
    now = timezone.now()
    SingleUseToken.objects.filter(user=user, purpose=purpose).usable().update(used_at=now)
    SingleUseToken.objects.create(
        user=user,
        purpose=purpose,
        token_hash=_hash(token),
        details=details or {},
        attempts_left=attempts,
        expires_at=now + timedelta(seconds=lifetime),
    )
    return token


def peek(token: str, *, purpose: TokenPurpose) -> SingleUseToken:
    """The row of a good token, left good. Raises InvalidSingleUseTokenError."""
    good = SingleUseToken.objects.filter(token_hash=_hash(token), purpose=purpose).usable()
    row = good.select_related("user").first()
    if row is None:
        raise InvalidSingleUseTokenError
    return row


def spend_attempt(token: str, *, purpose: TokenPurpose) -> SingleUseToken:
    """Take one of the attempts that `token` allows, in one statement, so that racing requests share them.

    Raises InvalidSingleUseTokenError when it is unknown, used, run out or out of attempts.
    """
    usable = SingleUseToken.objects.filter(token_hash=_hash(token), purpose=purpose).usable()
    if not usable.update(attempts_left=F("attempts_left") - 1):
        raise InvalidSingleUseTokenError
    return SingleUseToken.objects.select_related("user").get(token_hash=_hash(token))


def use_up(row: SingleUseToken) -> None:
    """Mark the token as used. Raises InvalidSingleUseTokenError when somebody was faster."""
    if not SingleUseToken.objects.filter(pk=row.pk, used_at=None).update(used_at=timezone.now()):
        raise InvalidSingleUseTokenError


def consume(token: str, *, purpose: TokenPurpose) -> SingleUseToken:
    """The row of a good token, which no longer is good. Raises InvalidSingleUseTokenError."""
    row = spend_attempt(token, purpose=purpose)
    use_up(row)
    return row


def end_all(*, user: User, purposes: Collection[TokenPurpose]) -> None:
    """The tokens of `user` for these purposes stop working."""
    mine = SingleUseToken.objects.filter(user=user, purpose__in=purposes)
    mine.usable().update(used_at=timezone.now())


def forget_expired() -> int:
    """Delete tokens that have run out; returns how many."""
    deleted, _ = SingleUseToken.objects.expired().delete()
    return deleted


def _hash(token: str) -> bytes:
    return sha256(token.encode()).digest()
