"""Offers of an account to one of its members: finding them, and how they end without being accepted."""

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models.user import UserStatus
from config.http.problems import NotFoundError
from events.domain import emit
from trading.events import OwnershipOfferEnded, OwnershipOfferEndReason
from trading.models import Membership, OwnershipTransfer, TransferStatus
from trading.models.ownership_transfer import OwnershipTransferQuerySet
from trading.services import transitions

if TYPE_CHECKING:
    from accounts.models import User


def facts(transfer: OwnershipTransfer) -> dict[str, Any]:
    """What every event about `transfer` says."""
    receiver = transfer.membership.user
    return {
        "trading_account_id": transfer.account.public_id,
        "owner_id": transfer.account.owner.public_id,
        "transfer_id": transfer.public_id,
        "receiver_id": receiver.public_id if receiver else "",
    }


@transaction.atomic
def expire(*, transfer_id: UUID) -> bool:
    """End it if its time has passed. False when it has not, or somebody has ended it already."""
    known = OwnershipTransfer.objects.filter(pk=transfer_id).values_list("account_id").first()
    if known is None:
        return False
    transitions.locked(known[0])
    transfer = standing().overdue(timezone.now()).filter(pk=transfer_id).first()
    if transfer is not None:
        end(transfer, TransferStatus.EXPIRED, reason="expired")
    return transfer is not None


def overtake(membership: Membership) -> None:
    """End the offer that was made to `membership`, if there is one: the caller ends the membership and holds the
    account locked."""
    for transfer in standing().filter(membership=membership):
        end(transfer, TransferStatus.OVERTAKEN, reason="overtaken")


def end(
    transfer: OwnershipTransfer, status: TransferStatus, *, reason: OwnershipOfferEndReason
) -> None:
    """End it and tell; the caller holds the account locked."""
    close(transfer, status)
    emit(OwnershipOfferEnded(**facts(transfer), reason=reason))


def close(transfer: OwnershipTransfer, status: TransferStatus) -> None:
    """End it; the caller holds the account locked, and tells."""
    transfer.status, transfer.ended_at = status, timezone.now()
    transfer.save(update_fields=["status", "ended_at", "updated_at"])


def open_offer(transfer_id: UUID, user: "User") -> OwnershipTransfer:
    """The open offer to `user`, its account held locked. Raises NotFoundError for everybody else's, and for those that
    are over."""
    mine = standing().open(timezone.now()).to(user).filter(pk=transfer_id)
    mine = mine.filter(membership__user__status=UserStatus.ACTIVE)
    found = mine.values_list("account_id", flat=True).first()
    if found is None:
        raise NotFoundError
    account = transitions.locked(found)
    transfer = mine.first()  # again, now that nobody else can end it
    if transfer is None:
        raise NotFoundError
    transfer.account = account
    return transfer


def standing() -> OwnershipTransferQuerySet:
    """The offers that nobody has answered, with all that `facts` needs."""
    offers = OwnershipTransfer.objects.standing()
    return offers.select_related("account__owner", "membership__user")
