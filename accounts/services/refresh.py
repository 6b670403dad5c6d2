"""Refresh tokens: rotated at every use, with reuse detection (RFC 9700 section 4.14.2).

A token is the family's id and 256 secret bits. Each token's successor is the HMAC of the token itself under a vault
key: a racing tab or a retry computes the very same successor, although only hashes are stored. And since the chain can
be walked forward from any ancestor, a token of any age that comes back is recognised, not only the last one.
"""

import base64
import binascii
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from accounts.errors import InvalidRefreshTokenError
from accounts.events.sessions import RefreshTokenReused, SessionAnomaly, TokenRefreshed
from accounts.metrics import REFRESH_ROTATIONS
from accounts.models import RefreshFamily, Session, User
from accounts.models.session import EndReason
from accounts.models.user import UserStatus
from accounts.services import sessions
from config.compiled_queries import CompiledQuery, parameter
from config.http import context
from config.vault.mac import keyed_hasher, keyed_hashers
from events.domain import emit

SECRET_BYTES = 32
PURPOSE = "refresh-successor"

# The hash is compared on the row that is updated: a rival that waited for its lock sees the new value. The session may
# idle anew, and never beyond its absolute end.
ADVANCE = f"""
WITH advanced AS (
  UPDATE "{RefreshFamily._meta.db_table}" AS family
  SET previous_hash = family.current_hash, current_hash = %(successor)s, rotated_at = %(now)s, rotated_by = %(client)s,
      generation = family.generation + 1
  FROM "{Session._meta.db_table}" AS session JOIN "{User._meta.db_table}" AS person ON person.id = session.user_id
  WHERE family.session_id = %(session_id)s AND family.current_hash = %(presented)s
    AND family.generation < %(most)s
    AND session.id = family.session_id AND session.ended_at IS NULL
    AND session.expires_at > %(now)s AND session.idle_expires_at > %(now)s
    AND person.status = '{UserStatus.ACTIVE.value}'
  RETURNING family.session_id
)
UPDATE "{Session._meta.db_table}" AS session
SET last_active_at = %(now)s, updated_at = %(now)s, idle_expires_at = least(
  session.expires_at, %(now)s + CASE WHEN session.persistent THEN %(idle_when_persistent)s ELSE %(idle)s END
)
FROM advanced WHERE session.id = advanced.session_id AND session.ended_at IS NULL
"""  # noqa: S608 - tables of ours

_with_person = CompiledQuery(
    lambda: Session.objects.select_related("user").filter(pk=parameter("session_id"))
)


@dataclass(frozen=True)
class Rotation:
    """The session that goes on, and its new token."""

    session: Session
    token: str


def begin_family(*, session: Session) -> str:
    """The first refresh token of a session."""
    token = session.pk.bytes + secrets.token_bytes(SECRET_BYTES)
    RefreshFamily.objects.create(session=session, current_hash=_hash(token))
    return _encode(token)


def rotate(*, token: str) -> Rotation:
    """Exchange a refresh token for its successor.

    Twenty clients racing with one token get one successor between them. A token that was rotated within
    `refresh_grace` gets the same successor again if the same client asks; any other token of the family's past ends
    the session, and that commits although the caller gets an error. After `refresh_most_rotations` there is none more.

    Raises InvalidRefreshTokenError for every token that is not good.
    """
    presented = _decode(token)
    if presented is None:
        REFRESH_ROTATIONS.labels("unknown").inc()
        raise InvalidRefreshTokenError
    successor_of, client_of = keyed_hashers(PURPOSE, "refresh-client")
    successor, client = _successor(presented, successor_of), _client(client_of)
    with transaction.atomic():
        session = _advance(presented, successor, client=client)
        if session is not None:
            context.amend(actor_type="user", actor_id=session.user.public_id)
            emit(TokenRefreshed(user_id=session.user.public_id, session_id=session.public_id))
    if session is None:
        session = _retried(presented, client=client)
        REFRESH_ROTATIONS.labels("graced").inc()
    else:
        REFRESH_ROTATIONS.labels("rotated").inc()
    return Rotation(session, _encode(successor))


def family_of_current(token: str) -> RefreshFamily | None:
    """The family whose next successor `token` would bring, with its session and person; None for every other token.
    Nothing is used up, and a token that came back is not held against its family.
    """
    presented = _decode(token)
    family = None if presented is None else _living_family(presented)
    if presented is None or family is None:
        return None
    is_current = hmac.compare_digest(bytes(family.current_hash), _hash(presented))
    return family if is_current else None


def session_of_any(token: str) -> Session | None:
    """The live session that `token` is or once was the refresh token of."""
    presented = _decode(token)
    family = None if presented is None else _living_family(presented)
    if presented is None or family is None:
        return None
    current = hmac.compare_digest(bytes(family.current_hash), _hash(presented))
    return family.session if current or _generations_ago(family, presented) else None


def _living_family(token: bytes) -> RefreshFamily | None:
    family = RefreshFamily.objects.select_related("session__user").filter(pk=_id_in(token)).first()
    if family is None or not (family.session.is_live and family.session.user.is_active):
        return None
    return family


def _successor(token: bytes, hasher: Callable[[bytes], bytes]) -> bytes:
    return token[:16] + hasher(token)


def _advance(presented: bytes, successor: bytes, *, client: bytes) -> Session | None:
    """Make the successor current if `presented` is, in one statement; None when it is not or the session is over."""
    session_id = _id_in(presented)
    values: dict[str, Any] = {
        "session_id": session_id,
        "presented": _hash(presented),
        "successor": _hash(successor),
        "client": client,
        "most": settings.ENVIRONMENT.refresh_most_rotations,
        "now": timezone.now(),
        "idle": sessions.idle_lifetime(persistent=False),
        "idle_when_persistent": sessions.idle_lifetime(persistent=True),
    }
    with connection.cursor() as cursor:
        cursor.execute(ADVANCE, values)
        if not cursor.rowcount:
            return None
    return _with_person.first(session_id=session_id)


def _retried(presented: bytes, *, client: bytes) -> Session:
    """The session, if this is a retry within the grace. Raises InvalidRefreshTokenError, after ending the family if
    the token is one of its past."""
    family = (
        RefreshFamily.objects.select_related("session__user").filter(pk=_id_in(presented)).first()
    )
    if family is None:
        outcome = "unknown"
    elif not (family.session.is_live and family.session.user.is_active):
        outcome = "expired"
    elif _is_retry(family, presented, client=client):
        return family.session
    elif hmac.compare_digest(bytes(family.current_hash), _hash(presented)):
        outcome = "expired"  # by `refresh_most_rotations`
    elif generations := _generations_ago(family, presented):
        _end_for_reuse(family.session, generations)
        outcome = "reused"
    else:
        outcome = "unknown"
    REFRESH_ROTATIONS.labels(outcome).inc()
    raise InvalidRefreshTokenError


def _is_retry(family: RefreshFamily, presented: bytes, *, client: bytes) -> bool:
    grace = timedelta(seconds=settings.ENVIRONMENT.refresh_grace)
    return (
        hmac.compare_digest(bytes(family.previous_hash or b""), _hash(presented))
        and hmac.compare_digest(bytes(family.rotated_by or b""), client)
        and family.rotated_at is not None
        and timezone.now() - family.rotated_at <= grace
    )


def _generations_ago(family: RefreshFamily, presented: bytes) -> int | None:
    """How many rotations ago `presented` was current; None when it never was a token of this family."""
    hasher, token = keyed_hasher(PURPOSE), presented
    for steps in range(1, family.generation + 1):
        token = _successor(token, hasher)
        if hmac.compare_digest(bytes(family.current_hash), _hash(token)):
            return steps
    return None


def _end_for_reuse(session: Session, generations: int) -> None:
    with transaction.atomic():
        if not sessions.end(session=session, reason=EndReason.REUSE):
            return
        user_id, session_id = session.user.public_id, session.public_id
        emit(
            RefreshTokenReused(user_id=user_id, session_id=session_id, generations_ago=generations)
        )
        emit(SessionAnomaly(user_id=user_id, session_id=session_id, kind="refresh_token_reuse"))


def _client(hasher: Callable[[bytes], bytes]) -> bytes:
    """What tells one client from another without keeping who it is."""
    request = context.current()
    return hasher(f"{request.ip}\n{request.user_agent}".encode())


def _id_in(token: bytes) -> UUID:
    return UUID(bytes=token[:16])


def _hash(token: bytes) -> bytes:
    return sha256(token).digest()


def _encode(token: bytes) -> str:
    return base64.urlsafe_b64encode(token).decode()


def _decode(token: str) -> bytes | None:
    try:
        decoded = base64.b64decode(token.encode("ascii"), altchars=b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error):
        return None
    return decoded if len(decoded) == 16 + SECRET_BYTES else None
