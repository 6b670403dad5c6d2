"""An account changes hands.

The data key is the account's own, so nothing is sealed anew. The day's login at the broker was the former owner's: it
ends, and only whoever logs in at the broker as the same broker user can use the account again.
"""

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.services import preferences
from events.domain import emit
from trading.errors import OwnerNotActiveError
from trading.events import MembershipGranted, OwnershipTransferred
from trading.models import (
    BrokerSession,
    CredentialStatus,
    LoginAttempt,
    Membership,
    MembershipStatus,
    OwnershipTransfer,
    SessionEnd,
    TradingAccount,
    TransferStatus,
)
from trading.services import (
    broker_sessions,
    credentials,
    memberships,
    ownership,
    ownership_offers,
    transitions,
)
from trading.services.transitions import Cause

if TYPE_CHECKING:
    from accounts.models import User

REASON = "The account has another owner, who has to log in at the broker."


def accept(*, transfer_id: UUID, user: "User") -> TradingAccount:
    """`user`, who was offered the account, owns it. The caller has seen to it that they just proved a second factor.

    Raises NotFoundError for everybody else's offers and those that are over; OwnerNotActiveError; AccountNotUsableError
    while the account is suspended, or its credentials are refused.
    """
    account, session_id = _handed_over(transfer_id, user)
    if session_id is not None:  # outside the transaction: the broker may take its time
        broker_sessions.close_one(session_id, reason=SessionEnd.TRANSFERRED)
    return account


@transaction.atomic
def _handed_over(transfer_id: UUID, user: "User") -> tuple[TradingAccount, UUID | None]:
    now = timezone.now()
    transfer = ownership_offers.open_offer(transfer_id, user)
    account, former = transfer.account, transfer.account.owner
    if not former.is_active or transfer.offered_by_id != former.pk:
        raise OwnerNotActiveError(
            f"The account's owner is: {former.get_status_display()}.",
            account_status=f"owner_{former.status}",
        )
    transitions.move(account, Cause.OWNERSHIP_TRANSFERRED, reason=REASON)
    account.owner, account.reauth_by = user, None
    account.save()
    ownership_offers.close(transfer, TransferStatus.ACCEPTED)
    _forget_what_the_former_owner_began(account, now)
    emit(
        OwnershipTransferred(
            **ownership_offers.facts(transfer),
            former_owner_id=former.public_id,
            keeps=tuple(transfer.keeps),
        )
    )
    _exchange_memberships(transfer, former, now)
    ownership.mail(transfer, "received", "handed_over")
    session = BrokerSession.objects.live().filter(account=account).first()
    return account, session.pk if session else None


def _forget_what_the_former_owner_began(account: TradingAccount, now: datetime) -> None:
    """Logins on their way, new credentials that no login has proven, and invitations in the former owner's name."""
    LoginAttempt.objects.open(now).filter(account=account).update(consumed_at=now, updated_at=now)
    if account.credential_versions.current().exists():
        credentials.retire(account=account, status=CredentialStatus.PENDING, at=now)
    for invitation in account.memberships.standing().filter(status=MembershipStatus.INVITED):
        invitation.account = account
        memberships.end(invitation, MembershipStatus.REVOKED, reason="revoked")


def _exchange_memberships(transfer: OwnershipTransfer, former: "User", now: datetime) -> None:
    """The new owner is no member any more; the former one is, if they keep something."""
    account, receiver = transfer.account, transfer.membership
    receiver.account = account
    memberships.end(receiver, MembershipStatus.LEFT, reason="left")
    if not transfer.keeps:
        preferences.forget_trading_account(user=former, account_id=account.public_id)
        memberships.tell_of_permissions(former.public_id, change="ownership.transferred")
        return
    kept = Membership.objects.create(
        account=account,
        user=former,
        permissions=transfer.keeps,
        status=MembershipStatus.ACTIVE,
        granted_by=account.owner,
        invitation_expires_at=now,
        accepted_at=now,
    )
    memberships.tell(MembershipGranted(**memberships.facts(kept), expires_at=None))
