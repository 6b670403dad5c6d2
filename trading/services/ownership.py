"""Offering an account to one of its members, taking that back, and declining it; accepting it is in `handover`."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models.user import UserStatus
from config.http.problems import NotFoundError
from events.domain import emit
from trading import tasks
from trading.brokers.registry import get_broker
from trading.errors import NotTransferableError, OwnershipOfferedError
from trading.events import OwnershipOffered
from trading.models import Membership, OwnershipTransfer, TradingAccount, TransferStatus
from trading.services import ownership_offers, transitions
from trading.services.transitions import Cause

if TYPE_CHECKING:
    from accounts.models import User


def mail(transfer: OwnershipTransfer, *about: str) -> None:
    """The mails of `trading.mail.OWNERSHIP_MAILS` that are named, once the transaction has committed."""
    for what in about:
        transaction.on_commit(partial(tasks.send_ownership_mail.delay, transfer.public_id, what))


def is_transferable(account: TradingAccount) -> bool:
    """Whether somebody else could ever log in to it: at a broker of ours each person is a broker user of their own."""
    return get_broker(account.broker).asks_for_credentials


@transaction.atomic
def offer(
    *,
    account: TradingAccount,
    offered_by: "User",
    membership_id: UUID,
    keeps: Iterable[str] = (),
) -> OwnershipTransfer:
    """Offer `account` to one of its members; afterwards the owner is a member who may do what `keeps` says, or none.

    The caller has seen to it that `offered_by` has just proved a second factor. Raises NotFoundError for somebody who
    is not the owner or not a member, NotTransferableError, OwnershipOfferedError, AccountNotUsableError.
    """
    now = timezone.now()
    held = transitions.locked(account.pk)
    if not is_transferable(held):
        raise NotTransferableError
    transitions.require(held, Cause.OWNERSHIP_TRANSFERRED)
    members = Membership.objects.live(now).filter(account=held, user__status=UserStatus.ACTIVE)
    receiver = members.select_related("user").filter(pk=membership_id).first()
    if receiver is None or held.owner_id != offered_by.pk:
        raise NotFoundError
    _make_room(held, now)
    transfer = OwnershipTransfer.objects.create(
        account=held,
        membership=receiver,
        offered_by=offered_by,
        keeps=sorted(set(keeps)),
        expires_at=now + timedelta(seconds=settings.ENVIRONMENT.ownership_offer_lifetime),
    )
    emit(OwnershipOffered(**ownership_offers.facts(transfer), keeps=tuple(transfer.keeps)))
    mail(transfer, "offered", "offer_made")
    return transfer


@transaction.atomic
def withdraw(*, account: TradingAccount) -> OwnershipTransfer:
    """Take the offer back. Raises NotFoundError when there is none, or it was accepted a moment before."""
    held = transitions.locked(account.pk)
    transfer = ownership_offers.standing().filter(account=held).first()
    if transfer is None or held.owner_id != account.owner_id:
        raise NotFoundError
    ownership_offers.end(transfer, TransferStatus.WITHDRAWN, reason="withdrawn")
    return transfer


@transaction.atomic
def decline(*, transfer_id: UUID, user: "User") -> OwnershipTransfer:
    """The receiver does not want it. Raises NotFoundError as `ownership_offers.open_offer` does."""
    transfer = ownership_offers.open_offer(transfer_id, user)
    ownership_offers.end(transfer, TransferStatus.DECLINED, reason="declined")
    mail(transfer, "declined")
    return transfer


def _make_room(account: TradingAccount, now: datetime) -> None:
    """One offer at a time. Raises OwnershipOfferedError while there is one that may be accepted."""
    for transfer in ownership_offers.standing().filter(account=account):
        if transfer.expires_at > now:
            raise OwnershipOfferedError
        ownership_offers.end(transfer, TransferStatus.EXPIRED, reason="expired")
