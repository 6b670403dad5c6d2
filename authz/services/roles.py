"""Giving and taking roles, and who holds which. What has run out counts for nothing from that moment on."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone

from authz.errors import (
    PersonNotFoundError,
    RoleExceedsGrantorError,
    RoleNotFoundError,
    SelfGrantError,
)
from authz.events import RoleExpired, RoleGranted, RoleRevoked
from authz.models import Role, RoleGrant
from authz.models.role import GrantEnd
from authz.services.authorship import SYSTEM, author, stated
from config.compiled_queries import CompiledQuery, parameter
from config.http.principal import Principal
from config.http.problems import FieldError, InvalidRequestError
from events.domain import emit

EXPIRY_BATCH = 200

_granted = CompiledQuery(
    lambda: (
        RoleGrant.objects.live(at=parameter("now"))
        .of(parameter("user_id"))
        .order_by()
        .values_list("role__name", "role__scopes")
    )
)


class Person(Protocol):
    """As much of a user as this floor needs to know."""

    @property
    def pk(self) -> UUID: ...

    @property
    def public_id(self) -> str: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Held:
    """The names of a person's roles, and the scopes of all of them together."""

    roles: frozenset[str]
    scopes: frozenset[str]


def grant_role(
    *,
    user: Person,
    role: str,
    granted_by: Principal | None,
    reason: str,
    expires_at: datetime | None = None,
) -> RoleGrant:
    """Let `user` hold `role` until `expires_at`, or until it is revoked. None for `granted_by` is the system itself.

    A grant of the same role that is in force is replaced; the very same grant again changes nothing. Raises
    RoleNotFoundError, PersonNotFoundError, SelfGrantError, RoleExceedsGrantorError, InvalidRequestError.
    """
    granted = _role(role)
    _check_grantor(granted_by, user=user, role=granted)
    why = stated(reason)
    if expires_at is not None and expires_at <= timezone.now():
        raise InvalidRequestError(
            errors=[FieldError("expires_at", "past", "Must lie in the future.")]
        )
    with transaction.atomic():
        _lock(user)
        now = timezone.now()
        former = RoleGrant.objects.open().of(user.pk).for_role(role).first()
        if former is not None:
            if (former.expires_at, former.reason) == (expires_at, why):
                return former
            _make_way(former, user=user, role=role, by=author(granted_by), now=now)
        grant = RoleGrant.objects.create(
            user_id=user.pk,
            role=granted,
            granted_by=author(granted_by),
            reason=why,
            granted_at=now,
            expires_at=expires_at,
        )
        emit(
            RoleGranted(
                user_id=user.public_id,
                role=role,
                expires_at=expires_at,
                by=author(granted_by),
                reason=why,
            )
        )
    return grant


def revoke_role(*, user: Person, role: str, revoked_by: Principal | None, reason: str) -> RoleGrant:
    """End the grant in force. Raises RoleNotFoundError when there is none, PersonNotFoundError,
    RoleExceedsGrantorError, InvalidRequestError."""
    _check_reach(revoked_by, role=_role(role))
    why = stated(reason)
    with transaction.atomic():
        _lock(user)
        now = timezone.now()
        grant = RoleGrant.objects.live(at=now).of(user.pk).for_role(role).first()
        if grant is None:
            raise RoleNotFoundError("The person does not hold this role.")
        _end(grant, how=GrantEnd.REVOKED, at=now, by=author(revoked_by), reason=why)
        emit(RoleRevoked(user_id=user.public_id, role=role, by=author(revoked_by), reason=why))
    return grant


def close_expired() -> int:
    """Note the end of grants that have run out, and tell of it; returns how many. Safe to run many times at once."""
    closed = 0
    while batch := _close_batch():
        closed += batch
    return closed


def held_by(user_id: UUID) -> Held:
    """What a person's roles are at this moment, and what they grant, in one look."""
    granted = _granted.rows(now=timezone.now(), user_id=user_id)
    names, scopes = zip(*granted, strict=True) if granted else ((), ())
    return Held(roles=frozenset(names), scopes=frozenset().union(*scopes))


def roles_of(user_id: UUID) -> frozenset[str]:
    """The names of the roles that a person holds at this moment."""
    return held_by(user_id).roles


def scopes_of(user_id: UUID) -> frozenset[str]:
    """The scopes of all those roles together."""
    return held_by(user_id).scopes


def _role(name: str) -> Role:
    role = Role.objects.filter(name=name).first()
    if role is None:
        raise RoleNotFoundError("There is no role of this name.")
    return role


def _check_grantor(principal: Principal | None, *, user: Person, role: Role) -> None:
    if principal is not None and principal.subject == f"user:{user.public_id}":
        raise SelfGrantError
    _check_reach(principal, role=role)


def _check_reach(principal: Principal | None, *, role: Role) -> None:
    if principal is None:
        return
    if beyond := sorted(set(role.scopes) - principal.scopes):
        raise RoleExceedsGrantorError(f"You do not hold {', '.join(beyond)} yourself.")


def _lock(user: Person) -> None:
    """One change of a person's roles at a time. The unique index would catch what this misses."""
    people: Any = get_user_model()._default_manager
    if not people.select_for_update(no_key=True).filter(pk=user.pk).exists():
        raise PersonNotFoundError


def _make_way(grant: RoleGrant, *, user: Person, role: str, by: str, now: datetime) -> None:
    """End the open grant that stands where a new one goes."""
    if grant.expires_at is not None and grant.expires_at <= now:
        _expire(grant, user_id=user.public_id, role=role)
    else:
        _end(grant, how=GrantEnd.REPLACED, at=now, by=by, reason="")


def _expire(grant: RoleGrant, *, user_id: str, role: str) -> None:
    assert grant.expires_at is not None  # noqa: S101 - only what can run out has run out
    _end(grant, how=GrantEnd.EXPIRED, at=grant.expires_at, by=SYSTEM, reason="")
    emit(
        RoleExpired(
            user_id=user_id,
            role=role,
            expires_at=grant.expires_at,
            by=SYSTEM,
            reason="its time is over",
        )
    )


def _end(grant: RoleGrant, *, how: GrantEnd, at: datetime, by: str, reason: str) -> None:
    """Not before it began, even when the machine that granted it has a clock that runs ahead."""
    grant.ended_at = max(at, grant.granted_at)
    grant.end, grant.ended_by, grant.end_reason = how, by, reason
    grant.save(update_fields=["ended_at", "end", "ended_by", "end_reason", "updated_at"])


@transaction.atomic
def _close_batch() -> int:
    due = (
        RoleGrant.objects.run_out(at=timezone.now())
        .select_related("user", "role")
        .order_by("user_id", "id")
        .select_for_update(skip_locked=True, of=("self",))[:EXPIRY_BATCH]
    )
    closed = 0
    for grant in due:
        _expire(grant, user_id=grant.user.public_id, role=grant.role.name)
        closed += 1
    return closed
