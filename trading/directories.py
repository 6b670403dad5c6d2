"""Which trading accounts there are, and what searches may ask of people because of them."""

from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from authz.directories import Directory, Wanted
from authz.names import Naming
from config.ids import public_id
from trading.models import Membership, MembershipStatus, TradingAccount


def trading_accounts() -> Directory:
    """By public id. An unlinked account does not exist."""
    return Directory(
        rows=TradingAccount.objects.open,
        key=TradingAccount.parse_id,
        name=lambda key: public_id(TradingAccount.PREFIX, key),
        narrowings=[_account],
    )


def names_of_accounts() -> Naming:
    """By nickname and broker; found by the nickname."""
    return Naming(
        scope="trading:read",
        view="admin:trading_tradingaccount_change",
        text=lambda account: f"{account.nickname} ({account.get_broker_display()})",
        search=lambda text: (
            TradingAccount.objects.open()
            .filter(nickname__icontains=text)
            .order_by("nickname", "pk")
        ),
    )


def _account(wanted: Wanted) -> Q | None:
    """`status` depends on the time of day as well, so that no column decides it."""
    match wanted:
        case Wanted(("owner",), "eq", str(owner)):
            return Q(owner_id=User.parse_id(owner))
        case Wanted(("broker",), "eq", str(broker)):
            return Q(broker=broker)
    return None


def person(wanted: Wanted) -> Q | None:
    """`subject.memberships["acc_…"].permissions contains …`: those with whom the account is shared."""
    match wanted:
        case Wanted(("memberships", account, "permissions"), "contains", str(permission)):
            now = timezone.now()
            live = Membership.objects.filter(
                Q(expires_at=None) | Q(expires_at__gt=now),
                account_id=TradingAccount.parse_id(account),
                status=MembershipStatus.ACTIVE,
                permissions__contains=[permission],
            )
            return Q(pk__in=live.values("user_id"))
    return None
