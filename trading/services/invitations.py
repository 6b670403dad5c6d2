"""Sharing an account begins with an invitation to an address, and nobody learns whether anyone is behind it."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from config.http.problems import FieldError, InvalidRequestError, NotFoundError
from events.domain import emit
from trading import tasks
from trading.errors import MembershipExistsError
from trading.events import InvitationResent, MembershipGranted, MembershipInvited
from trading.models import Membership, MembershipStatus, TradingAccount
from trading.models.account import CLOSED
from trading.services import memberships, transitions
from trading.services.granting import require_may_grant

if TYPE_CHECKING:
    from accounts.models import User


@transaction.atomic
def invite(
    *,
    account: TradingAccount,
    granted_by: "User",
    email: str,
    permissions: Iterable[str],
    expires_at: datetime | None = None,
) -> Membership:
    """An invitation for whoever has, or will have, a verified account with the address `email`.

    Raises InvalidRequestError for the owner's own address, MembershipExistsError, GrantExceedsOwnError,
    NotFoundError.
    """
    held, address, now = _open_account(account.pk), email.lower(), timezone.now()
    asked = sorted(set(permissions))
    require_may_grant(grantor=granted_by, account=held, permissions=asked, expires_at=expires_at)
    if address == held.owner.email.lower():
        raise InvalidRequestError(
            errors=[FieldError("email", "owner", "The account is theirs already.")]
        )
    _make_room(held, now, invited_email=address)
    _make_room(held, now, user__email__iexact=address)
    membership = Membership.objects.create(
        account=held,
        invited_email=address,
        permissions=asked,
        granted_by=granted_by,
        expires_at=expires_at,
        invitation_expires_at=_good_until(now),
    )
    emit(MembershipInvited(**memberships.facts(membership)))
    transaction.on_commit(partial(tasks.send_invitation_mail.delay, membership.public_id))
    return membership


@transaction.atomic
def resend(*, membership_id: UUID, resent_by: "User") -> Membership:
    """Mail an open invitation again; it is good for its whole time again.

    Raises GrantExceedsOwnError, MembershipEndedError; NotFoundError for a membership that was accepted.
    """
    membership = memberships.standing(membership_id)
    if membership.status != MembershipStatus.INVITED:
        raise NotFoundError
    require_may_grant(
        grantor=resent_by,
        account=membership.account,
        permissions=membership.permissions,
        expires_at=membership.expires_at,
    )
    membership.invitation_expires_at = _good_until(timezone.now())
    membership.save(update_fields=["invitation_expires_at", "updated_at"])
    emit(InvitationResent(**memberships.facts(membership)))
    transaction.on_commit(partial(tasks.send_invitation_mail.delay, membership.public_id))
    return membership


@transaction.atomic
def accept(*, membership_id: UUID, user: "User") -> Membership:
    """`user`, who has the invited address, becomes a member.

    Raises NotFoundError for everybody else's invitations and those that are over; MembershipExistsError.
    """
    membership = _invitation_of(user, membership_id)
    if membership.account.owner_id == user.pk:
        raise MembershipExistsError("The account is yours.")
    now = timezone.now()
    _make_room(membership.account, now, user=user)
    membership.user = user
    membership.invited_email = ""
    membership.status = MembershipStatus.ACTIVE
    membership.accepted_at = now
    membership.save()
    granted = memberships.facts(membership) | {"expires_at": membership.expires_at}
    memberships.tell(MembershipGranted(**granted))
    return membership


@transaction.atomic
def decline(*, membership_id: UUID, user: "User") -> Membership:
    """`user` does not want it. Raises NotFoundError as `accept` does."""
    membership = _invitation_of(user, membership_id)
    memberships.end(membership, MembershipStatus.DECLINED, reason="declined")
    return membership


def _good_until(now: datetime) -> datetime:
    return now + timedelta(seconds=settings.ENVIRONMENT.invitation_lifetime)


def _open_account(account_id: UUID) -> TradingAccount:
    account = transitions.locked(account_id)
    if account.status in CLOSED:
        raise NotFoundError
    return account


def _invitation_of(user: "User", membership_id: UUID) -> Membership:
    """The open invitation to the verified address of `user`; its account is held locked."""
    concerning = Membership.objects.concerning(user, at=timezone.now())
    mine = concerning.filter(pk=membership_id, status=MembershipStatus.INVITED)
    found = mine.values_list("account_id", flat=True).first()
    if found is None:
        raise NotFoundError
    account = _open_account(found)
    membership = mine.first()  # again, now that nobody else can change it
    if membership is None:
        raise NotFoundError
    membership.account = account
    return membership


def _make_room(account: TradingAccount, now: datetime, **whose: object) -> None:
    """End what is overdue of theirs on this account. Raises MembershipExistsError for what is not."""
    for membership in account.memberships.standing().select_related("user").filter(**whose):
        membership.account = account
        if not memberships.expire_if_overdue(membership, now):
            raise MembershipExistsError
