"""What a person's page tells of accounts at brokers: which, whether one can trade with them, and who shares them."""

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from config.dashboard.panels import Content, Line, Panel, moment, register
from trading.can_trade import verdict
from trading.models import Membership, MembershipStatus, Permission, TradingAccount

MOST = 50


def accounts(user: User) -> Content:
    now = timezone.now()
    told = [
        (account, verdict(account, user, at=now))
        for account in TradingAccount.objects.not_unlinked().filter(owner=user)[:MOST]
    ]
    return Content(
        columns=(_("account"), _("broker user"), _("can they trade?"), _("last synced (UTC)")),
        lines=tuple(
            Line(
                texts=(str(account), account.broker_user_masked, said.why, _synced(account)),
                model="trading.TradingAccount",
                key=account.pk,
                tone="good" if said.can else "bad",
            )
            for account, said in told
        ),
        empty=_("No account at a broker is linked."),
        query={"q": user.email},
    )


def sharing(user: User) -> Content:
    """Both ways: who may use the person's accounts, and whose the person may use."""
    now = timezone.now()
    standing = Membership.objects.standing().unexpired(now)
    either = standing.filter(Q(account__owner=user) | Q(user=user)).select_related(
        "account__owner", "user"
    )
    return Content(
        columns=(_("account"), _("shared with"), _("may"), _("until (UTC)")),
        lines=tuple(_membership(each, user) for each in either[:MOST]),
        empty=_("Nothing is shared, neither way."),
        query={"q": user.email},
    )


def _membership(membership: Membership, user: User) -> Line:
    account = membership.account
    invited = membership.status == MembershipStatus.INVITED
    with_whom = membership.user.email if membership.user else membership.invited_email
    said = _("%(whom)s, invited") % {"whom": with_whom} if invited else with_whom
    theirs = account.owner_id == user.pk
    until = membership.invitation_expires_at if invited else membership.expires_at
    return Line(
        texts=(
            str(account)
            if theirs
            else _("%(account)s of %(owner)s") % {"account": account, "owner": account.owner},
            said if theirs else _("this person"),
            ", ".join(str(Permission(each).label) for each in membership.permissions),
            moment(until) or _("revoked"),
        ),
        model="trading.Membership",
        key=membership.pk,
        tone="info" if invited else "",
    )


def _synced(account: TradingAccount) -> str:
    last = moment(account.last_synced_at)
    return f"{last} ({account.sync_error})" if account.sync_error else last


register(
    Panel(
        title=_("Broker accounts"),
        model="trading.TradingAccount",
        draw=accounts,
        order=20,
        wide=True,
    ),
    Panel(title=_("Sharing"), model="trading.Membership", draw=sharing, order=60, wide=True),
)
