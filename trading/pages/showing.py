"""An account in words, as its owner or a member may see it."""

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils import numberformat, timezone
from django.utils.translation import gettext as _

from accounts.clocks import on_the_clock_of
from trading.brokers.registry import get_broker
from trading.models import AccountStatus, Permission, TradingAccount
from trading.next_steps import NextStep, next_step, told

if TYPE_CHECKING:
    from accounts.models import User

OUT_OF_USE = (AccountStatus.REAUTH_REQUIRED, AccountStatus.SUSPENDED, AccountStatus.INVALID)


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What the templates show; `may_…` is what to offer, and decides nothing."""

    account: TradingAccount
    status: AccountStatus
    advice: str
    until: str
    synced: str
    trouble: str
    is_own: bool
    may_manage: bool
    may_log_in: bool
    wants_login: bool
    wants_credentials: bool
    may_refresh: bool

    @property
    def tone(self) -> str:
        """How the status is marked: `good`, `bad` or `plain`."""
        if self.wants_login or self.wants_credentials or self.status == AccountStatus.SUSPENDED:
            return "bad"
        return "good" if self.status == AccountStatus.ACTIVE else "plain"


def shown(account: TradingAccount, user: "User") -> Shown:
    """`account` out of `lookup.reachable`."""
    status = account.status_at(timezone.now())
    step = next_step(status)
    may_manage = Permission.MANAGE in account.permissions_of(user)
    live = account.reauth_by is not None and status not in OUT_OF_USE
    return Shown(
        account=account,
        status=status,
        advice=told(status),
        until=on_the_clock_of(user, account.reauth_by) if live and account.reauth_by else "",
        synced=on_the_clock_of(user, account.last_synced_at) if account.last_synced_at else "",
        trouble=_trouble(account) if live else "",
        is_own=account.owner_id == user.pk,
        may_manage=may_manage,
        may_log_in=may_manage and (live or step is NextStep.LOG_IN),
        wants_login=step is NextStep.LOG_IN,
        wants_credentials=step is NextStep.REPLACE_CREDENTIALS,
        may_refresh=live,
    )


def _trouble(account: TradingAccount) -> str:
    """Why what is shown may be old; empty when it is not."""
    if not account.sync_error:
        return ""
    return _("The last try to fetch profile and funds failed. What you see may be old.")


def funds(account: TradingAccount) -> list[dict[str, str]]:
    """What is there in each enabled segment, in rupees as India groups them: 12,34,567.80."""
    return [
        {"segment": margin["segment"], "net": in_rupees(margin["net"])}
        for margin in account.margins
        if margin.get("enabled")
    ]


def in_rupees(amount: Any) -> str:
    """ "₹ 12,34,567.80" """
    grouped = numberformat.format(
        Decimal(str(amount)),
        decimal_sep=".",
        decimal_pos=2,
        grouping=(3, 2, 0),
        thousand_sep=",",
        force_grouping=True,
    )
    return f"₹ {grouped}"


def asks_for_credentials(account: TradingAccount) -> bool:
    return get_broker(account.broker).asks_for_credentials


def people(account: TradingAccount) -> list[dict[str, Any]]:
    """With whom it is shared, or has been offered to be."""
    return [
        {
            "who": membership.user.name if membership.user else membership.invited_email,
            "may": ", ".join(str(Permission(each).label) for each in membership.permissions),
            "status": membership.get_status_display(),
        }
        for membership in account.memberships.standing().select_related("user")
    ]
