"""Proving a second factor in a browser: to finish a sign-in, or again for something that wants it fresh."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.browser import enter, renew_key, session_of
from accounts.errors import InvalidCredentialsError, InvalidSingleUseTokenError
from accounts.models import Session
from accounts.pages import sign_in_steps
from accounts.pages.refusals import in_words
from accounts.pages.ways import credential_in, demand_a_try, next_page
from accounts.services import second_factor, step_up
from accounts.services.second_factor import ProvenSignIn, SecondFactorNeeded
from config.http import context
from config.http.problems import ProblemError
from config.http.ratelimit import RateLimit
from mfa.api.serializers import AssertionSerializer
from mfa.services import verification

CHALLENGE = "second_factor"
FINISH_LIMIT = RateLimit(name="mfa_verify", limit=30, period=900)  # one bucket with the API's
STEP_UP_LIMIT = RateLimit(name="step_up", limit=10, period=300)


def challenge(
    request: HttpRequest, needed: SecondFactorNeeded, onward: str, *, door: str = "admin:login"
) -> HttpResponse:
    """Remember the sign-in under way in this browser, and ask for the second factor. Who fails begins at `door`."""
    request.session.flush()
    request.session[CHALLENGE] = {
        "mfa_token": needed.mfa_token,
        "methods": needed.methods,
        "next": onward,
        "door": door,
        "client_id": context.current().client_id,
    }
    return redirect("second-factor")


@never_cache
@require_http_methods(["GET", "POST"])
def finish_sign_in(request: HttpRequest) -> HttpResponse:
    """The page between the first factor and being signed in."""
    waiting = request.session.get(CHALLENGE)
    if waiting is None:
        return redirect("account_login")
    context.amend(client_id=waiting["client_id"])  # at whose door the sign-in began
    page = {"methods": waiting["methods"], "options": reverse("second-factor-options")}
    if request.method == "POST":
        try:
            proven = _proven(request, waiting["mfa_token"])
            return _go_on(request, proven, waiting["next"])
        except (InvalidSingleUseTokenError, InvalidCredentialsError):
            request.session.flush()
            return redirect(waiting["door"])
        except ProblemError as problem:
            page["problem"] = in_words(problem)
    return render(request, "accounts/second_factor.html", page)


@never_cache
@require_POST
def finish_options(request: HttpRequest) -> HttpResponse:
    """What to ask an authenticator with, for the sign-in under way in this browser."""
    waiting = request.session.get(CHALLENGE) or {"mfa_token": ""}
    return _options(lambda: second_factor.passkey_options(mfa_token=waiting["mfa_token"]))


@never_cache
@require_http_methods(["GET", "POST"])
def prove_yourself(request: HttpRequest) -> HttpResponse:
    """Prove oneself again, with a second factor where there is one, else with the password."""
    session = session_of(request)
    if session is None:
        return redirect("account_login")
    onward = next_page(request, reverse("security"))
    methods = verification.methods_of(session.user) or ("password",)
    if methods == ("password",) and not session.user.has_usable_password():
        return render(request, "accounts/prove_by_sign_in.html")
    page = {"methods": methods, "options": reverse("prove-yourself-options"), "next": onward}
    if request.method == "POST":
        try:
            _step_up(request, session, with_password=methods == ("password",))
        except ProblemError as problem:
            page["problem"] = in_words(problem)
        else:
            renew_key(request, session)
            return redirect(onward)
    return render(request, "accounts/second_factor.html", page)


@never_cache
@require_POST
def prove_yourself_options(request: HttpRequest) -> HttpResponse:
    """What to ask an authenticator with, for the session of this browser."""
    session = session_of(request)
    if session is None:
        return JsonResponse({}, status=403)
    return _options(lambda: step_up.passkey_options(session=session))


def _proven(request: HttpRequest, mfa_token: str) -> ProvenSignIn:
    demand_a_try(FINISH_LIMIT)
    if request.POST.get("credential"):
        return second_factor.prove_with_passkey(
            mfa_token=mfa_token, credential=credential_in(request, AssertionSerializer)
        )
    return second_factor.prove_with_code(mfa_token=mfa_token, code=_code(request))


def _go_on(request: HttpRequest, proven: ProvenSignIn, onward: str) -> HttpResponse:
    """The steps that are left of a sign-in on our pages; the console's has none."""
    step = sign_in_steps.waiting_for_a_factor(request)
    if step is not None:
        return step.passed(proven)
    session = second_factor.begin(proven, answer=lambda session: session)
    enter(request, session)
    return redirect(onward)


def _step_up(request: HttpRequest, session: Session, *, with_password: bool) -> None:
    demand_a_try(STEP_UP_LIMIT, f"user:{session.user.public_id}")
    if request.POST.get("credential"):
        credential = credential_in(request, AssertionSerializer)
        step_up.with_passkey(session=session, credential=credential)
    elif with_password:
        step_up.with_password(session=session, password=request.POST.get("password", "")[:1024])
    else:
        step_up.with_code(session=session, code=_code(request))


def _code(request: HttpRequest) -> str:
    return request.POST.get("code", "")[:32]


def _options(make: Callable[[], dict[str, Any]]) -> HttpResponse:
    try:
        return JsonResponse(make())
    except ProblemError as problem:
        return JsonResponse({"title": in_words(problem)}, status=problem.status)
