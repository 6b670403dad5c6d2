"""My account, sharing: invitations, memberships and members."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Session
from accounts.pages.visitors import for_people
from accounts.pages.ways import demand_a_try
from config.http.ratelimit import RateLimit
from trading.api.limits import MAILS_TO_ONE_ADDRESS, key_of
from trading.api.lookup import membership_key, membership_of
from trading.pages.brokers import account_of
from trading.pages.sharing_forms import InvitationForm
from trading.pages.visited import shared_accounts
from trading.services import access, invitations, memberships

HOME = "sharing"
CHANGES = RateLimit(name="membership_changes", limit=120, period=3600)


@require_safe
@for_people(home=HOME)
def page(request: HttpRequest, session: Session) -> HttpResponse:
    """What the visitor is offered and invited to, what is shared with them, and what they share."""
    return render(request, "trading/sharing.html", shared_accounts(session.user, {}))


@require_POST
@for_people(home=HOME)
def accept(request: HttpRequest, session: Session, membership_id: str) -> HttpResponse:
    invitations.accept(membership_id=membership_key(membership_id), user=session.user)
    messages.success(request, _("The account is shared with you now."))
    return redirect(HOME)


@require_POST
@for_people(home=HOME)
def decline(request: HttpRequest, session: Session, membership_id: str) -> HttpResponse:
    invitations.decline(membership_id=membership_key(membership_id), user=session.user)
    messages.success(request, _("The invitation is declined."))
    return redirect(HOME)


@require_POST
@for_people(home=HOME)
def leave(request: HttpRequest, session: Session, membership_id: str) -> HttpResponse:
    """End one's own membership."""
    memberships.leave(membership_id=membership_key(membership_id), member=session.user)
    messages.success(request, _("The account is not shared with you any more."))
    return redirect(HOME)


@require_POST
@for_people(home=HOME)
def invite(request: HttpRequest, session: Session, account_id: str) -> HttpResponse:
    """Share an account; the answer does not say whether anybody has an account with the address."""
    account = account_of(session, account_id, action=access.MANAGE)
    form = InvitationForm(request.POST, auto_id=f"{account.public_id}_%s")
    if not form.is_valid():
        shown = shared_accounts(session.user, {account.public_id: form})
        return render(request, "trading/sharing.html", shown, status=400)
    email = form.cleaned_data["email"]
    demand_a_try(CHANGES, f"user:{session.user.public_id}")
    demand_a_try(MAILS_TO_ONE_ADDRESS, key_of(account, whom=email.lower()))
    invitations.invite(
        account=account,
        granted_by=session.user,
        email=email,
        permissions=form.cleaned_data["permissions"],
        expires_at=form.expires_at(session.user),
    )
    messages.success(request, _("The invitation to %(email)s is sent.") % {"email": email})
    return redirect(HOME)


@require_POST
@for_people(home=HOME)
def revoke(
    request: HttpRequest, session: Session, account_id: str, membership_id: str
) -> HttpResponse:
    """End a membership, or take back an invitation."""
    account = account_of(session, account_id, action=access.MANAGE)
    membership = membership_of(account, membership_id)
    memberships.revoke(membership_id=membership.pk, revoked_by=session.user)
    messages.success(request, _("The account is not shared with them any more."))
    return redirect(HOME)


@require_POST
@for_people(home=HOME)
def resend(
    request: HttpRequest, session: Session, account_id: str, membership_id: str
) -> HttpResponse:
    """Mail an invitation again."""
    account = account_of(session, account_id, action=access.MANAGE)
    membership = membership_of(account, membership_id)
    demand_a_try(MAILS_TO_ONE_ADDRESS, key_of(account, whom=membership.invited_email))
    invitations.resend(membership_id=membership.pk, resent_by=session.user)
    messages.success(request, _("The invitation is sent again."))
    return redirect(HOME)
