"""The mail about a day's login at the broker that ends, or has ended."""

from datetime import datetime

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts import mail
from accounts.clocks import on_the_clock_of
from accounts.mail import Message
from trading.brokers.registry import label_of
from trading.models import AccountStatus, TradingAccount


def login_needed(account: TradingAccount, *, ends: datetime) -> Message:
    """In the owner's language, on their clock."""
    owner = account.owner
    with translation.override(owner.locale):
        names = {
            "nickname": account.nickname,
            "broker": label_of(account.broker),
            "when": on_the_clock_of(owner, ends),
        }
        if account.status_at(timezone.now()) == AccountStatus.REAUTH_REQUIRED:
            what = _("The login of “%(nickname)s” at %(broker)s is over.")
            then = _(
                "Until you have logged in again nobody can use the account, and nothing that acts for you either."
            )
        else:
            what = _("The login of “%(nickname)s” at %(broker)s ends on %(when)s, as every day.")
            then = _(
                "Log in again after that: until then nobody can use the account, and nothing that acts for you either."
            )
        return Message(
            subject=_("Your broker login is needed"),
            paragraphs=(
                what % names,
                then,
            ),
            caution=_("If you do not want to use it that day, there is nothing to do."),
            why=_(
                "You get this mail because your profile asks for mails about logins at brokers. There you can choose "
                "otherwise."
            ),
            action=_("My brokers"),
            link=f"{settings.ENVIRONMENT.public_url}/accounts/brokers",
        )


def send(account: TradingAccount, *, ends: datetime) -> None:
    """Mail the owner."""
    mail.send(account.owner, login_needed(account, ends=ends))
