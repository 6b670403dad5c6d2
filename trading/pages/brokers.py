"""My account, Brokers: what is linked, how it is, and what to do about it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Session, User
from accounts.pages.provider_answers import leave
from accounts.pages.visitors import for_people, principal_of
from accounts.pages.ways import demand_a_try
from authz.api.questions import facts
from config.http.problems import NotFoundError
from trading.api.lookup import reachable
from trading.api.views.linking import STARTS
from trading.api.views.sync import SyncView
from trading.brokers.registry import label_of
from trading.models import SyncTrigger, TradingAccount
from trading.pages.forms import RenameForm
from trading.pages.showing import asks_for_credentials, funds, people, shown
from trading.services import access, login, renaming, sync_requests

HOME = "brokers"

MOST_ACCOUNTS = 100


@require_safe
@for_people(home=HOME)
def brokers(request: HttpRequest, session: Session) -> HttpResponse:
    """Own and shared accounts, newest first."""
    user = session.user
    readable = access.readable(
        user=user,
        accounts=list(reachable(user)[:MOST_ACCOUNTS]),
        circumstances=facts(principal_of(session)),
    )
    page = {"accounts": [shown(account, user) for account in readable]}
    return render(request, "trading/brokers.html", page)


@require_safe
@for_people(home=HOME)
def broker_account(request: HttpRequest, session: Session, account_id: str) -> HttpResponse:
    """One of them: profile, funds, with whom it is shared."""
    account = account_of(session, account_id, action=access.READ)
    mine = shown(account, session.user)
    page: dict[str, Any] = {
        "shown": mine,
        "funds": funds(account),
        "people": people(account) if mine.may_manage else (),
        "form": RenameForm({"nickname": account.nickname}),
        "replaceable": mine.is_own and asks_for_credentials(account),
    }
    return render(request, "trading/broker_account.html", page)


@require_POST
@for_people(home=HOME)
def log_in_again(request: HttpRequest, session: Session, account_id: str) -> HttpResponse:
    """To the broker's login page."""
    account = account_of(session, account_id, action=access.MANAGE)
    demand_a_try(STARTS, caller_key(session.user))
    return to_broker(request, login.begin(account=account, user=session.user))


@require_POST
@for_people(home=HOME)
def refresh(request: HttpRequest, session: Session, account_id: str) -> HttpResponse:
    """Ask the broker for profile and funds now."""
    account = account_of(session, account_id, action=access.READ)
    demand_a_try(SyncView.account_limit, account.public_id)
    sync_requests.request(account=account, owner=principal_of(session), trigger=SyncTrigger.REQUEST)
    messages.success(request, _("We are asking the broker. Look again in a moment."))
    return redirect("broker-account", account_id)


@require_POST
@for_people(home=HOME)
def rename(request: HttpRequest, session: Session, account_id: str) -> HttpResponse:
    """Call it something else."""
    account = account_of(session, account_id, action=access.MANAGE)
    form = RenameForm(request.POST)
    if form.is_valid():
        renaming.rename(
            account_id=account.pk,
            precondition=lambda _: None,
            nickname=form.cleaned_data["nickname"],
        )
        messages.success(request, _("The account has its new name."))
    else:
        messages.error(request, _("A name has 1 to 64 characters."))
    return redirect("broker-account", account_id)


def account_of(session: Session, account_id: str, *, action: str) -> TradingAccount:
    """The account, if a policy lets the person do `action` with it as they have signed in.

    Raises NotFoundError for strangers, ForbiddenError.
    """
    user = session.user
    account = reachable(user).with_public_id(account_id).first()
    if account is None:
        raise NotFoundError
    access.require(
        user=user, account=account, action=action, circumstances=facts(principal_of(session))
    )
    return account


def caller_key(user: User) -> str:
    """The buckets of the API, so that pages are no way around them."""
    return f"user:{user.public_id}"


def to_broker(request: HttpRequest, started: login.LoginStarted) -> HttpResponse:
    return leave(request, started.login_url, to=label_of(started.account.broker))
