"""The life of signing keys: next → active → retiring → retired, and revoked when one is not safe any more.

A key is published in the JWKS before it signs, for as long as others may keep that document, and stays there until the
last token that it signed has expired. One key is always kept as next, so that the active one can be replaced at any
moment. All changes of keys share one advisory lock and decide under it: ten machines that start the same change make
it once.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.errors import (
    KeyNotPublishedLongEnoughError,
    NoSigningKeyError,
    SigningKeyNotFoundError,
    SigningKeyStateError,
)
from accounts.events.platform import SigningKeyRotated
from accounts.models import SigningKey
from accounts.models.signing_key import PUBLISHED, KeyState
from accounts.services import signing_key_states as states
from config.locking import alone
from events.domain import emit

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class KeyChange:
    """What was done, by `kid`; empty where nothing was."""

    activated: str = ""
    published: str = ""
    retiring: str = ""
    retired: tuple[str, ...] = ()
    revoked: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Due:
    """What time asks for. Made from the rows as they are, so it is asked again under the lock."""

    first: bool
    next_missing: bool
    next_unwanted: bool
    outlived: tuple[SigningKey, ...]
    lifetime_grew: bool
    rotation: bool

    def __bool__(self) -> bool:
        return any(
            (
                self.first,
                self.next_missing,
                self.next_unwanted,
                self.outlived,
                self.lifetime_grew,
                self.rotation,
            )
        )


def ensure_first() -> SigningKey:
    """The active key; the first one is made, active at once: nobody has a JWKS of ours yet that could lack it."""
    active = _in_state(KeyState.ACTIVE)
    if active is None:
        with _exclusively():
            _make_first(timezone.now())
            active = _active()
    return active


def due(now: datetime) -> Due:
    """What `tend` would do at `now`."""
    active, successor = _in_state(KeyState.ACTIVE), _in_state(KeyState.NEXT)
    return Due(
        first=active is None,
        next_missing=successor is None,
        next_unwanted=successor is not None and not _is_wanted(successor),
        outlived=tuple(SigningKey.objects.outlived(now)),
        lifetime_grew=active is not None
        and active.longest_token_lifetime < states.longest_token_lifetime(),
        rotation=active is not None
        and successor is not None
        and _is_wanted(successor)
        and _is_old(active, now)
        and ready_at(successor) <= now,
    )


def tend() -> KeyChange:
    """Do what time asks for: the first key, a next one, the rotation of an old one, the end of those outlived. A next
    key of another algorithm than the settings want makes way for one that has it: the active key signs until that one
    was published long enough.

    Made to run every minute on every machine; most runs only look.
    """
    if not due(timezone.now()):
        return KeyChange()
    with _exclusively():
        now = timezone.now()
        todo = due(now)
        activated = _make_first(now) if todo.first else ""
        for key in todo.outlived:
            states.retire(key, now)
        if todo.lifetime_grew:
            states.note_lifetime(_active())
        change = _replace_active(now) if todo.rotation else KeyChange(activated=activated)
        if todo.next_unwanted:
            states.withdraw(SigningKey.objects.in_state(KeyState.NEXT).get(), now)
        lacks_next = todo.next_missing or todo.next_unwanted
        published = states.make_next(now).kid if lacks_next else change.published
        return KeyChange(
            activated=change.activated,
            retiring=change.retiring,
            published=published,
            retired=tuple(key.kid for key in todo.outlived),
        )


def rotate() -> KeyChange:
    """Replace the active key now, whatever its age; where there is none yet, make the first.

    Raises KeyNotPublishedLongEnoughError while some who keep our JWKS may lack the next key: so a second rotation right
    after a first one changes nothing.
    """
    with _exclusively():
        now = timezone.now()
        active, successor = _in_state(KeyState.ACTIVE), _in_state(KeyState.NEXT)
        if active is None:
            return KeyChange(activated=_make_first(now))
        if successor is None:
            raise KeyNotPublishedLongEnoughError(
                "There is no next key yet; one is made within a minute."
            )
        if ready_at(successor) > now:
            raise KeyNotPublishedLongEnoughError(
                f"The next key may sign from {ready_at(successor).isoformat(timespec='seconds')} on.",
                ready_at=ready_at(successor).isoformat(),
            )
        return _replace_active(now)


def revoke(*, kid: str, reason: str) -> KeyChange:
    """Take a key out of the JWKS and refuse its tokens from now on, in every process.

    The successor of an active key signs at once; who keeps an older JWKS must fetch it anew.
    Raises SigningKeyNotFoundError, and SigningKeyStateError for a key that is retired or revoked already.
    """
    with _exclusively():
        now = timezone.now()
        key = SigningKey.objects.filter(kid=kid).first()
        if key is None:
            raise SigningKeyNotFoundError
        if key.state not in PUBLISHED:
            raise SigningKeyStateError(f"The key is {key.get_state_display()} already.")
        was_active = key.state == KeyState.ACTIVE
        states.revoke(key, now, reason=reason)
        active = _succeed(now) if was_active else _active()
        next_missing = _in_state(KeyState.NEXT) is None
        published = states.make_next(now).kid if next_missing else ""
        previous = kid if was_active else ""
        _announce(active, previous=previous, revoked=kid)
        _log_after_commit("signing_key_revoked", key=key.public_id, active=active.public_id)
        return KeyChange(
            revoked=kid, activated=active.kid if was_active else "", published=published
        )


def ready_at(key: SigningKey) -> datetime:
    """From when `key` may sign: everybody who keeps our JWKS as long as it allows has it by then."""
    environment = settings.ENVIRONMENT
    publication = timedelta(seconds=environment.jwks_max_age + environment.clock_leeway)
    return key.published_at + publication


@contextmanager
def _exclusively() -> Iterator[None]:
    """A transaction that shares time with no other change of keys."""
    with transaction.atomic():
        alone("accounts.signing_keys")
        yield


def _make_first(now: datetime) -> str:
    """The `kid` of the key that is active now and was not before; "" when another machine was faster."""
    if _in_state(KeyState.ACTIVE) is not None:
        return ""
    first = states.make_active(now)
    _announce(first)
    return first.kid


def _replace_active(now: datetime) -> KeyChange:
    """The next key signs, the active one retires, and a new one is published."""
    previous, successor = _active(), SigningKey.objects.in_state(KeyState.NEXT).get()
    states.begin_retiring(previous, now)
    states.activate(successor, now)
    published = states.make_next(now)
    _announce(successor, previous=previous.kid)
    _log_after_commit(
        "signing_key_rotated", active=successor.public_id, retiring=previous.public_id
    )
    return KeyChange(activated=successor.kid, retiring=previous.kid, published=published.kid)


def _succeed(now: datetime) -> SigningKey:
    """The key that signs in place of a revoked one: the next, however young, or a new one."""
    successor = _in_state(KeyState.NEXT)
    if successor is None:
        return states.make_active(now)
    states.activate(successor, now)
    return successor


def _announce(active: SigningKey, *, previous: str = "", revoked: str = "") -> None:
    emit(
        SigningKeyRotated(
            key_id=active.public_id, kid=active.kid, previous_kid=previous, revoked_kid=revoked
        )
    )


def _log_after_commit(event: str, **facts: str) -> None:
    transaction.on_commit(partial(log.warning, event, **facts), robust=True)


def _in_state(state: KeyState) -> SigningKey | None:
    return SigningKey.objects.in_state(state).first()


def _active() -> SigningKey:
    active = _in_state(KeyState.ACTIVE)
    if active is None:
        raise NoSigningKeyError
    return active


def _is_wanted(successor: SigningKey) -> bool:
    return successor.algorithm == settings.ENVIRONMENT.signing_algorithm


def _is_old(active: SigningKey, now: datetime) -> bool:
    lifetime = timedelta(seconds=settings.ENVIRONMENT.signing_key_lifetime)
    return active.activated_at is not None and active.activated_at + lifetime <= now
