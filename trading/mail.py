"""Mails about trading accounts, sent as `accounts.mail` sends all of them."""

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts import mail
from accounts.mail import Message
from accounts.models import User
from trading.models import Membership, MembershipStatus


def invitation(user: User, membership: Membership) -> Message:
    """Somebody shares an account with `user`, if they want it."""
    names = {
        "owner": membership.account.owner.name,
        "nickname": membership.account.nickname,
        "invitation": membership.public_id,
    }
    with translation.override(user.locale):
        return Message(
            subject=_("You are invited to a trading account"),
            paragraphs=(
                _("%(owner)s wants to share the trading account “%(nickname)s” with you.") % names,
                _("Sign in with this address to accept or decline the invitation (%(invitation)s).")
                % names,
            ),
        )


def send_invitation(membership_id: str) -> None:
    """Mail the invitee, if the address is somebody's. Whoever verifies it later finds the invitation by themself."""
    open_ones = Membership.objects.filter(status=MembershipStatus.INVITED).unexpired(timezone.now())
    membership = open_ones.select_related("account__owner").with_public_id(membership_id).first()
    if membership is None:
        return
    invitee = User.objects.active().with_email(membership.invited_email).first()
    if invitee is not None:
        mail.send(invitee, invitation(invitee, membership))
