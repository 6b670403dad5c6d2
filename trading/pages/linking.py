"""Linking an account, new credentials for one, and unlinking it: each after a fresh second factor."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import Session
from accounts.pages.visitors import for_people
from accounts.pages.ways import demand_a_try
from trading.api.views.linking import STARTS
from trading.brokers.registry import UnknownBrokerError, broker_choices, get_broker, label_of
from trading.pages.brokers import account_of, caller_key, to_broker
from trading.pages.forms import CredentialsForm, LinkForm
from trading.pages.showing import asks_for_credentials
from trading.services import access, linking, rotation, unlinking

HOME = "brokers"


@require_safe
@for_people(home=HOME)
def choose_broker(request: HttpRequest, session: Session) -> HttpResponse:
    """Which broker it is."""
    offers = [
        {"name": name, "label": label, "asks": get_broker(name).asks_for_credentials}
        for name, label in broker_choices()
    ]
    return render(request, "trading/choose_broker.html", {"offers": offers})


@require_http_methods(["GET", "POST"])
@for_people("mfa", home=HOME)
def link(request: HttpRequest, session: Session, broker: str) -> HttpResponse:
    """Take a name, and the key and secret where the broker asks for them, and go on to its login page."""
    try:
        adapter = get_broker(broker)
    except UnknownBrokerError:
        raise Http404 from None
    form = LinkForm(request.POST or None, broker=adapter)
    if request.method == "POST" and form.is_valid():
        demand_a_try(STARTS, caller_key(session.user))
        started = linking.begin(
            owner=session.user,
            broker=broker,
            nickname=form.cleaned_data["nickname"],
            credentials=form.credentials(),
        )
        return to_broker(request, started)
    page = {"form": form, "label": label_of(broker), "asks": adapter.asks_for_credentials}
    return render(request, "trading/link_broker.html", page)


@require_http_methods(["GET", "POST"])
@for_people("mfa", home=HOME)
def replace_credentials(request: HttpRequest, session: Session, account_id: str) -> HttpResponse:
    """New key and secret; the old ones serve until a login has proven these."""
    account = account_of(session, account_id, action=access.ROTATE)
    form = CredentialsForm(request.POST or None, broker=get_broker(account.broker))
    sent = request.method == "POST"
    if sent and (form.is_valid() or not asks_for_credentials(account)):
        demand_a_try(STARTS, caller_key(session.user))
        form.full_clean()
        started = rotation.begin(account=account, user=session.user, credentials=form.credentials())
        return to_broker(request, started)
    page = {"form": form, "account": account, "label": label_of(account.broker)}
    return render(request, "trading/replace_credentials.html", page)


@require_http_methods(["GET", "POST"])
@for_people("mfa", home=HOME)
def unlink(request: HttpRequest, session: Session, account_id: str) -> HttpResponse:
    """Say what it means, and do it when they say yes."""
    account = account_of(session, account_id, action=access.UNLINK)
    if request.method == "POST":
        unlinking.unlink(account_id=account.pk, owner_id=account.owner_id)
        messages.success(request, _("The account is unlinked."))
        return redirect(HOME)
    page = {
        "account": account,
        "label": label_of(account.broker),
        "sharing": account.memberships.standing().count(),
    }
    return render(request, "trading/unlink_broker.html", page)
