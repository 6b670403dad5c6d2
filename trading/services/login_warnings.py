"""Owners are told that their day's login at the broker ends: once an account and day, whoever notices first."""

from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.services import preferences
from trading import login_mail, tasks
from trading.models import AccountStatus, TradingAccount

BATCH = 500


def warn_ahead() -> int:
    """Mail those whose login ends soon; returns how many accounts that were. Run it as often as you like, and on as
    many machines: an account that was told about is not told about again.
    """
    told = 0
    while batch := _warn_some():
        told += batch
    return told


def warn_of_end(account: TradingAccount, *, ended: datetime | None) -> None:
    """Tell of a login that is over, unless its owner has been told of that end. The caller holds the account locked,
    and saves it."""
    if ended is None or account.login_warned_for == ended:
        return
    account.login_warned_for = ended
    _mail_later(account.public_id, ended)


def send(*, account_id: str, ends: datetime) -> None:
    """The mail itself, if it is still news and the owner wants such mails."""
    accounts = TradingAccount.objects.open().select_related("owner")
    account = accounts.with_public_id(account_id).first()
    if account is None or not account.owner.is_active:
        return
    over = account.status_at(timezone.now()) == AccountStatus.REAUTH_REQUIRED
    if not over and account.reauth_by != ends:
        return  # logged in again, suspended or handed on meanwhile
    wanted = preferences.document_of(preferences.of(account.owner))["notifications"]
    if wanted["broker_login_email"]:
        login_mail.send(account, ends=ends)


@transaction.atomic
def _warn_some() -> int:
    """A row that somebody else holds is left to them, or to the next time."""
    now = timezone.now()
    soon = now + timedelta(seconds=settings.ENVIRONMENT.broker_login_warning)
    due = TradingAccount.objects.login_ends(after=now, by=soon).not_warned()
    held = due.order_by("pk").select_for_update(skip_locked=True, of=("self",), no_key=True)
    accounts = list(held.only("pk", "reauth_by")[:BATCH])
    for account in accounts:
        account.login_warned_for = account.reauth_by
        if account.reauth_by is not None:
            _mail_later(account.public_id, account.reauth_by)
    TradingAccount.objects.bulk_update(accounts, ["login_warned_for"])
    return len(accounts)


def _mail_later(account_id: str, ends: datetime) -> None:
    send_mail = partial(tasks.send_login_needed_mail.delay, account_id, ends.isoformat())
    transaction.on_commit(send_mail)
