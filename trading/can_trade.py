"""Whether somebody can trade with an account now, and why, in one sentence for our staff."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import User
from config.dashboard.counting import NOTHING
from trading.models import AccountStatus, TradingAccount


@dataclass(frozen=True)
class Verdict:
    """`can` as far as states say; what a policy says of one order depends on that order."""

    can: bool
    why: str


def verdict(account: TradingAccount, owner: User, *, at: datetime) -> Verdict:
    """What stands in the way first: the owner's own state, then the account's as it is in effect at that time."""
    if not owner.is_active:
        told = _("Cannot trade: the person's own account here is %(status)s.")
        return Verdict(False, told % {"status": owner.get_status_display()})
    status = account.status_at(at)
    if status is AccountStatus.ACTIVE and account.reauth_by:
        told = _("Can trade until %(moment)s (UTC), when the day's login at the broker ends.")
        return Verdict(True, told % {"moment": _time(account.reauth_by)})
    if status is AccountStatus.DEGRADED:
        return Verdict(
            True,
            _(
                "Can probably trade: there is a login, but the broker does not answer us at the moment."
            ),
        )
    return Verdict(False, _standing_in_the_way(account, status))


def _standing_in_the_way(account: TradingAccount, status: AccountStatus) -> str:
    sentences: dict[AccountStatus, Any] = {
        AccountStatus.PENDING_LOGIN: _(
            "Cannot trade: the account was never logged in at the broker. The person has to do that."
        ),
        AccountStatus.REAUTH_REQUIRED: _ended(account),
        AccountStatus.INVALID: _(
            "Cannot trade: the broker refused the API key and secret. The person has to replace them."
        ),
        AccountStatus.SUSPENDED: _(
            "Cannot trade: our staff have stopped the account. Reason: %(reason)s"
        )
        % {"reason": account.status_reason or NOTHING},
        AccountStatus.DISCONNECTING: _("Cannot trade: the account is being unlinked."),
    }
    return str(sentences.get(status, _("Cannot trade: the account is not linked any more.")))


def _ended(account: TradingAccount) -> str:
    """Since the end that we know of; of an account that was given back by staff there is none."""
    if account.reauth_by is None:
        told = _("Cannot trade: the login at the broker is over since %(moment)s (UTC).")
        since = account.status_changed_at
    else:
        told = _("Cannot trade: the day's login at the broker ended at %(moment)s (UTC).")
        since = account.reauth_by
    return " ".join((told % {"moment": _time(since)}, _("The person has to log in there again.")))


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"
