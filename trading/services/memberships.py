"""Changing and ending memberships that have been granted."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.services import preferences
from authz.services.authorship import SYSTEM
from config.http import context
from config.http.problems import NotFoundError
from events.domain import emit
from trading.errors import MembershipEndedError
from trading.events import (
    EndReason,
    MembershipGranted,
    MembershipPermissionUpdated,
    MembershipRevoked,
    MembershipUpdated,
)
from trading.models import Membership, MembershipStatus
from trading.services import ownership_offers, transitions
from trading.services.granting import require_may_grant

if TYPE_CHECKING:
    from accounts.models import User

UNCHANGED: Any = object()


def facts(membership: Membership) -> dict[str, Any]:
    """What every event about `membership` says."""
    return {
        "trading_account_id": membership.account.public_id,
        "owner_id": membership.account.owner.public_id,
        "membership_id": membership.public_id,
        "user_id": membership.user.public_id if membership.user else "",
        "permissions": tuple(membership.permissions),
    }


def tell(event: MembershipGranted | MembershipUpdated | MembershipRevoked) -> None:
    """Emit `event`, and where somebody's permissions changed by it, the event for those who watch these."""
    emit(event)
    if event.user_id:
        tell_of_permissions(
            event.user_id,
            change=event.event_type.removeprefix("trading_account."),
            expires_at=getattr(event, "expires_at", None),
            reason=getattr(event, "reason", ""),
        )


def tell_of_permissions(user_id: str, *, change: str, **more: Any) -> None:
    """Emit the event for those who watch what somebody may do; `change` is a word of the audit vocabulary."""
    emit(
        MembershipPermissionUpdated(
            change=change, user_id=user_id, by=_author(), **({"reason": ""} | more)
        )
    )


@transaction.atomic
def update(
    *,
    membership_id: UUID,
    changed_by: "User",
    permissions: Iterable[str] = UNCHANGED,
    expires_at: datetime | None = UNCHANGED,
) -> Membership:
    """Other permissions or another end; a change of nothing is no change.

    Raises GrantExceedsOwnError, MembershipEndedError, NotFoundError.
    """
    membership = standing(membership_id)
    asked = membership.permissions if permissions is UNCHANGED else sorted(set(permissions))
    until = membership.expires_at if expires_at is UNCHANGED else expires_at
    if (asked, until) == (membership.permissions, membership.expires_at):
        return membership
    require_may_grant(
        grantor=changed_by, account=membership.account, permissions=asked, expires_at=until
    )
    membership.permissions, membership.expires_at = asked, until
    membership.save()
    tell(MembershipUpdated(**facts(membership), expires_at=until))
    return membership


@transaction.atomic
def revoke(*, membership_id: UUID, revoked_by: "User") -> Membership:
    """End the membership or take back the invitation; a member who does it leaves.

    Raises MembershipEndedError, NotFoundError.
    """
    membership = standing(membership_id)
    if membership.user_id == revoked_by.pk:
        end(membership, MembershipStatus.LEFT, reason="left")
    else:
        end(membership, MembershipStatus.REVOKED, reason="revoked")
    return membership


@transaction.atomic
def leave(*, membership_id: UUID, member: "User") -> Membership:
    """`member` ends their own. Raises NotFoundError for anybody else's, MembershipEndedError."""
    membership = standing(membership_id)
    if membership.user_id != member.pk:
        raise NotFoundError
    end(membership, MembershipStatus.LEFT, reason="left")
    return membership


@transaction.atomic
def expire(*, membership_id: UUID) -> bool:
    """End it if its time has passed. False when it has not, or somebody has ended it already."""
    membership = _locked(membership_id)
    return expire_if_overdue(membership, timezone.now())


def expire_if_overdue(membership: Membership, at: datetime) -> bool:
    """The same for a caller who holds the account locked."""
    if not Membership.objects.overdue(at).filter(pk=membership.pk).exists():
        return False
    end(membership, MembershipStatus.EXPIRED, reason="expired")
    return True


def end(membership: Membership, status: MembershipStatus, *, reason: EndReason) -> None:
    """End it and tell; the caller holds the account locked. It keeps who the member was, if there was one, and forgets
    the address that was invited. An offer of the account that was made to it ends, too."""
    membership.status = status
    membership.ended_at = timezone.now()
    membership.invited_email = ""
    membership.save()
    ownership_offers.overtake(membership)
    tell(MembershipRevoked(**facts(membership), reason=reason))
    member, account = membership.user, membership.account
    if member is not None and member.pk != account.owner_id:
        preferences.forget_trading_account(user=member, account_id=account.public_id)


def _author() -> str:
    """As `authz` writes it: `user:usr_…`, `service:…`, or `system` when no request is behind it."""
    acting = context.current()
    known = acting.actor_type in {"user", "service"} and acting.actor_id
    return f"{acting.actor_type}:{acting.actor_id}" if known else SYSTEM


def _locked(membership_id: UUID) -> Membership:
    """The account is what is locked, so that all changes to its memberships queue up."""
    known = Membership.objects.filter(pk=membership_id).values_list("account_id", flat=True).first()
    if known is None:
        raise NotFoundError
    account = transitions.locked(known)
    membership = Membership.objects.select_related("user").get(pk=membership_id)
    membership.account = account
    return membership


def standing(membership_id: UUID) -> Membership:
    membership = _locked(membership_id)
    if not Membership.objects.standing().filter(pk=membership.pk).exists():
        raise MembershipEndedError
    return membership
