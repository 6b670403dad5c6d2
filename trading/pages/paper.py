"""The paper broker's login page: whoever is signed in here is known there."""

import re

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import Session
from accounts.pages.views import result
from accounts.pages.visitors import for_people
from accounts.pages.ways import demand_a_try
from config.http.ratelimit import RateLimit
from trading.paper import back_office

HOME = "brokers"

LOGINS = RateLimit(name="paper_logins", limit=60, period=3600)
KEY = re.compile(r"paper_[0-9a-f]{24}")
STATE = re.compile(r"[A-Za-z0-9_-]{1,128}")


@require_http_methods(["GET", "POST"])
@for_people(home=HOME)
def paper_login(request: HttpRequest, session: Session) -> HttpResponse:
    """Ask whether they want to log in; a yes sends them back with a request token, as any broker does.

    Whose state it is the callback finds out: it refuses a person who did not begin this login.
    """
    sent = request.POST if request.method == "POST" else request.GET
    api_key, state = sent.get("api_key", ""), sent.get("state", "")
    if not KEY.fullmatch(api_key) or not STATE.fullmatch(state):
        told = _("Begin the login again from your brokers.")
        return result(request, _("This login cannot be finished"), told, status=400)
    way_back = reverse("broker-callback", args=["paper"])
    if request.method == "POST":
        demand_a_try(LOGINS, f"user:{session.user.public_id}")
        token = back_office.confirm(person=session.user, api_key=api_key)
        brought = {"status": "success", "state": state, "request_token": token}
        return redirect(f"{way_back}?{urlencode(brought)}")
    page = {
        "profile": back_office.profile_of(session.user),
        "api_key": api_key,
        "state": state,
        "cancel": f"{way_back}?status=cancelled",
    }
    return render(request, "trading/paper_login.html", page)
