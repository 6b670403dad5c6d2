"""My account, sharing: giving an account to a member, and taking one over."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.models import Session
from accounts.pages.visitors import for_people
from accounts.pages.ways import demand_a_try
from config.http.problems import InvalidRequestError
from config.http.ratelimit import RateLimit
from trading.api.lookup import membership_key, transfer_key
from trading.pages.brokers import account_of
from trading.pages.sharing_forms import OfferForm
from trading.services import access, handover, ownership

HOME = "sharing"
OFFERS = RateLimit(name="ownership_offers", limit=30, period=3600)


@require_POST
@for_people("mfa", home=HOME)
def offer(request: HttpRequest, session: Session, account_id: str) -> HttpResponse:
    """Offer an account that is the visitor's own."""
    account = account_of(session, account_id, action=access.TRANSFER)
    form = OfferForm(request.POST)
    if not form.is_valid():
        raise InvalidRequestError(_("Choose a member."))
    demand_a_try(OFFERS, f"user:{session.user.public_id}")
    ownership.offer(
        account=account,
        offered_by=session.user,
        membership_id=membership_key(form.cleaned_data["membership"]),
        keeps=form.cleaned_data["keeps"],
    )
    messages.success(request, _("The account is offered. It stays yours until it is accepted."))
    return redirect(HOME)


@require_POST
@for_people(home=HOME)
def withdraw(request: HttpRequest, session: Session, account_id: str) -> HttpResponse:
    ownership.withdraw(account=account_of(session, account_id, action=access.TRANSFER))
    messages.success(request, _("The offer is taken back."))
    return redirect(HOME)


@require_POST
@for_people("mfa", home=HOME)
def accept(request: HttpRequest, session: Session, transfer_id: str) -> HttpResponse:
    """Own the account that was offered."""
    handover.accept(transfer_id=transfer_key(transfer_id), user=session.user)
    messages.success(request, _("The account is yours. Log in at the broker to use it."))
    return redirect(HOME)


@require_POST
@for_people(home=HOME)
def decline(request: HttpRequest, session: Session, transfer_id: str) -> HttpResponse:
    ownership.decline(transfer_id=transfer_key(transfer_id), user=session.user)
    messages.success(request, _("The offer is declined."))
    return redirect(HOME)
