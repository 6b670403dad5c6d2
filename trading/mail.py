"""Mails about trading accounts, sent as `accounts.mail` sends all of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts import mail
from accounts.clocks import on_the_clock_of
from accounts.mail import Message
from accounts.models import User
from trading.models import Membership, MembershipStatus, OwnershipTransfer


def sharing_page() -> str:
    """Where invitations and offers are answered."""
    return f"{settings.ENVIRONMENT.public_url}/accounts/sharing"


def invitation(user: User, membership: Membership) -> Message:
    """Somebody shares an account with `user`, if they want it."""
    names = {
        "owner": membership.account.owner.name,
        "nickname": membership.account.nickname,
    }
    with translation.override(user.locale):
        return Message(
            subject=_("You are invited to a trading account"),
            paragraphs=(
                _("%(owner)s wants to share the trading account “%(nickname)s” with you.") % names,
                _("Sign in with this address to accept or decline the invitation."),
            ),
            action=_("See the invitation"),
            link=sharing_page(),
        )


def invitation_of_a_stranger(membership: Membership) -> Message:
    """The same for an address that has no account yet. Of what the inviter wrote it holds their name alone, so that
    nobody sends mails of their own wording through us."""
    return Message(
        subject=_("You are invited to a trading account"),
        paragraphs=(
            _("%(owner)s wants to share a trading account on Gatehouse with you.")
            % {"owner": membership.account.owner.name},
            _(
                "Open an account with this address and confirm it: the invitation waits for you there."
            ),
        ),
        caution=_("If you do not know who this is, ignore this mail."),
        action=_("Open an account"),
        link=f"{settings.ENVIRONMENT.public_url}/accounts/sign-up",
    )


def send_invitation(membership_id: str) -> None:
    """Mail the invited address. Whether anybody has an account with it, the inviter does not learn."""
    open_ones = Membership.objects.filter(status=MembershipStatus.INVITED).unexpired(timezone.now())
    membership = open_ones.select_related("account__owner").with_public_id(membership_id).first()
    if membership is None:
        return
    known = User.objects.with_email(membership.invited_email).first()
    if known is None:
        mail.send_to_address(membership.invited_email, invitation_of_a_stranger(membership))
    elif known.is_active:
        mail.send(known, invitation(known, membership))


@dataclass(frozen=True, kw_only=True)
class OwnershipMail:
    """What is told of a transfer, and whom: the one who gives, or the one who gets."""

    to_giver: bool
    subject: Callable[[], str]
    paragraphs: Callable[[], tuple[str, ...]]


def ownership_message(user: User, transfer: OwnershipTransfer, about: str) -> Message:
    """The message of `OWNERSHIP_MAILS` named `about`, for `user`."""
    kind, giver, receiver = OWNERSHIP_MAILS[about], transfer.offered_by, transfer.membership.user
    with translation.override(user.locale):
        names: dict[str, Any] = {
            "giver": giver.name if giver else "",
            "receiver": receiver.name if receiver else "",
            "nickname": transfer.account.nickname,
            "until": on_the_clock_of(user, transfer.expires_at),
        }
        return Message(
            subject=kind.subject(),
            paragraphs=tuple(words % names for words in kind.paragraphs()),
            action=_("My shared accounts"),
            link=sharing_page(),
        )


def send_about_ownership(transfer_id: str, about: str) -> None:
    """Mail whoever `about` is for, if they may still use the platform."""
    transfers = OwnershipTransfer.objects.select_related(
        "account", "offered_by", "membership__user"
    )
    transfer = transfers.with_public_id(transfer_id).first()
    if transfer is None:
        return
    kind = OWNERSHIP_MAILS[about]
    user = transfer.offered_by if kind.to_giver else transfer.membership.user
    if user is not None and user.is_active:
        mail.send(user, ownership_message(user, transfer, about))


OWNERSHIP_MAILS: Mapping[str, OwnershipMail] = {
    "offered": OwnershipMail(
        to_giver=False,
        subject=lambda: _("A trading account is offered to you"),
        paragraphs=lambda: (
            _("%(giver)s wants you to be the owner of the trading account “%(nickname)s”."),
            _(
                "You may accept until %(until)s, with a second factor. You then log in at the broker as the broker "
                "user that the account was linked with."
            ),
        ),
    ),
    "offer_made": OwnershipMail(
        to_giver=True,
        subject=lambda: _("You have offered your trading account"),
        paragraphs=lambda: (
            _("You offered the trading account “%(nickname)s” to %(receiver)s just now."),
            _(
                "If it was not you, take the offer back at once, reset your password and tell our support."
            ),
        ),
    ),
    "declined": OwnershipMail(
        to_giver=True,
        subject=lambda: _("Your trading account stays yours"),
        paragraphs=lambda: (
            _("%(receiver)s does not want to take over the trading account “%(nickname)s”."),
        ),
    ),
    "received": OwnershipMail(
        to_giver=False,
        subject=lambda: _("A trading account is yours now"),
        paragraphs=lambda: (
            _("You took over the trading account “%(nickname)s” from %(giver)s just now."),
            _("Its login at the broker was ended: log in there before you use the account."),
        ),
    ),
    "handed_over": OwnershipMail(
        to_giver=True,
        subject=lambda: _("Your trading account has another owner"),
        paragraphs=lambda: (
            _("%(receiver)s took over the trading account “%(nickname)s” just now."),
            _("Its login at the broker was ended. If this is not what you want, tell our support."),
        ),
    ),
}
