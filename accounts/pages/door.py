"""The console's door: password or passkey, or the one-time link of a machine's first start; then the second factor."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.crypto import get_random_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.browser import enter, session_of
from accounts.errors import (
    InvalidCredentialsError,
    InvalidSingleUseTokenError,
    PasskeyRefusedError,
)
from accounts.models import Session, User
from accounts.models.session import SignInMethod
from accounts.models.single_use_token import TokenPurpose
from accounts.pages.forms import ConsoleSignInForm
from accounts.pages.second_factor import challenge
from accounts.pages.views import stale_link
from accounts.pages.ways import credential_in, demand_a_try, next_page
from accounts.services import login, passkey_sign_in, second_factor, single_use_tokens
from accounts.services.second_factor import ProvenSignIn, SecondFactorNeeded
from accounts.services.sessions import Device
from accounts.sign_in_limits import may_try
from config.http.problems import RateLimitedError
from config.http.ratelimit import RateLimit
from mfa.api.serializers import AssertionSerializer
from mfa.errors import InvalidPasskeyError

OPTIONS_LIMIT = RateLimit(name="passkey_sign_in_options", limit=60, period=900)
THIS_BROWSER = "passkey_sign_in"
CONSOLE = Device(name="Console")
REFUSALS = (
    InvalidCredentialsError,
    PasskeyRefusedError,
    InvalidPasskeyError,
    RateLimitedError,
)


@never_cache
@require_http_methods(["GET", "POST"])
def console_sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in at the console. One text tells of every refusal."""
    onward = next_page(request, reverse("admin:index"))
    form = ConsoleSignInForm(request.POST or None)
    if request.method == "GET":
        session = session_of(request)
        if session is not None and session.user.is_staff:
            return redirect(onward)
    else:
        try:
            answer = _signed_in(request, form)
        except REFUSALS:
            form.refuse()
        else:
            return _follow(request, answer, onward)
    return render(request, "accounts/console_sign_in.html", {"form": form, "next": onward})


@never_cache
@require_POST
def console_passkey_options(request: HttpRequest) -> HttpResponse:
    """What to ask an authenticator with, for this browser alone."""
    demand_a_try(OPTIONS_LIMIT)
    binding = request.session.setdefault(THIS_BROWSER, get_random_string(32))
    return JsonResponse(passkey_sign_in.begin(binding=binding))


@never_cache
@require_http_methods(["GET", "POST"])
def console_link(request: HttpRequest) -> HttpResponse:
    """Enter by a one-time link. It stands for a password: a second factor is asked for or set up all the same."""
    if request.method == "GET":
        token = request.GET.get("token", "")
        return render(request, "accounts/console_link.html", {"token": token})
    try:
        row = single_use_tokens.consume(
            request.POST.get("token", ""), purpose=TokenPurpose.CONSOLE_SIGN_IN
        )
        proven = ProvenSignIn(
            user=row.user, method=SignInMethod.CONSOLE_LINK, amr=("link",), device=CONSOLE
        )
        answer = second_factor.proceed(proven, answer=_the_session)
    except (InvalidSingleUseTokenError, InvalidCredentialsError):
        return stale_link(request, TokenPurpose.CONSOLE_SIGN_IN)
    return _follow(request, answer, reverse("admin:index"))


def _signed_in(request: HttpRequest, form: ConsoleSignInForm) -> Session | SecondFactorNeeded:
    if not may_try():
        raise RateLimitedError
    if request.POST.get("credential"):
        credential = credential_in(request, AssertionSerializer)
        binding = request.session.get(THIS_BROWSER)
        if not binding:
            raise PasskeyRefusedError
        return passkey_sign_in.log_in(
            credential=credential,
            device=CONSOLE,
            binding=binding,
            answer=_the_session,
            may_enter=_is_staff,
        )
    if not form.is_valid():
        raise InvalidCredentialsError
    proven = login.right_password(
        email=form.cleaned_data["username"],
        password=form.cleaned_data["password"],
        device=CONSOLE,
    )
    if not proven.user.is_staff:
        raise login.refuse_entry(proven.user)
    return second_factor.proceed(proven, answer=_the_session)


def _follow(
    request: HttpRequest, answer: Session | SecondFactorNeeded, onward: str
) -> HttpResponse:
    if isinstance(answer, SecondFactorNeeded):
        return challenge(request, answer, onward)
    enter(request, answer)
    return redirect(onward)


def _the_session(session: Session) -> Session:
    return session


def _is_staff(user: User) -> bool:
    return user.is_staff
