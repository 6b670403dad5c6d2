"""What the page about sharing shows."""

from typing import Any

from django.utils import timezone

from accounts.models import User
from trading.api.lookup import reachable
from trading.models import Membership, MembershipStatus, Permission, TradingAccount
from trading.pages.sharing_forms import InvitationForm
from trading.services import ownership_offers
from trading.services.ownership import is_transferable

MOST = 50  # of each kind on one page


def shared_accounts(user: User, bound: dict[str, InvitationForm]) -> dict[str, Any]:
    """All that the page about sharing shows; `bound` holds forms that were sent and not taken, by account id."""
    now = timezone.now()
    mine = Membership.objects.concerning(user, at=now).select_related("account__owner")
    return {
        "user": user,
        "offers": ownership_offers.standing().open(now).to(user)[:MOST],
        "invitations": mine.filter(status=MembershipStatus.INVITED)[:MOST],
        "memberships": mine.filter(status=MembershipStatus.ACTIVE)[:MOST],
        "accounts": [
            _managed(account, user, bound.get(account.public_id))
            for account in reachable(user)[:MOST]
            if Permission.MANAGE in account.permissions_of(user)
        ],
    }


def _managed(account: TradingAccount, user: User, form: InvitationForm | None) -> dict[str, Any]:
    standing = account.memberships.standing().select_related("user")[:MOST]
    offers = ownership_offers.standing().open(timezone.now()).filter(account=account)
    return {
        "account": account,
        "own": account.owner_id == user.pk and is_transferable(account),
        "members": [one for one in standing if one.status == MembershipStatus.ACTIVE],
        "invited": [one for one in standing if one.status == MembershipStatus.INVITED],
        "offer": offers.first(),
        "form": form or InvitationForm(auto_id=f"{account.public_id}_%s"),
        "permissions": Permission.choices,
    }
