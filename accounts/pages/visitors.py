"""Who may see a page, and what their session has proved."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, Literal, ParamSpec

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache

from accounts.browser import session_of
from accounts.models import Session
from accounts.pages.refusals import in_words
from accounts.services.step_up import is_fresh
from config.http.principal import Principal
from config.http.problems import ProblemError
from mfa.services import factors

Proof = Literal["any", "fresh", "mfa", "strongest"]
P = ParamSpec("P")
Page = Callable[Concatenate[HttpRequest, Session, P], HttpResponse]


def for_people(
    proof: Proof = "any", *, home: str
) -> Callable[[Page[P]], Callable[Concatenate[HttpRequest, P], HttpResponse]]:
    """A page for people who are signed in, or lately proved themselves (`fresh`), by a second factor (`mfa`), or by
    one if they have any (`strongest`); it is given their session. Others do that first and come back. A refusal is told
    on the page `home`, which messages are shown on.
    """

    def decorate(page: Page[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
        @never_cache
        @wraps(page)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            session = session_of(request)
            if session is None:
                return _first(request, "account_login", home)
            if proof == "fresh" and not is_fresh(session, acr="pwd"):
                return _first(request, "prove-yourself", home)
            if proof == "strongest" and not is_fresh(session, acr=_best_of(session)):
                return _first(request, "prove-yourself", home)
            if proof == "mfa" and not is_fresh(session, acr="mfa"):
                has_one = bool(factors.count(session.user))
                return _first(request, "prove-yourself" if has_one else "security", home)
            try:
                return page(request, session, *args, **kwargs)
            except ProblemError as problem:
                messages.error(request, in_words(problem))
                return redirect(home)

        return guarded

    return decorate


def principal_of(session: Session) -> Principal:
    """The person as services and policies know callers."""
    return Principal(
        type="user",
        id=session.user.public_id,
        session_id=session.public_id,
        acr=session.acr,
        amr=tuple(session.amr),
        auth_time=session.auth_time,
    )


def _best_of(session: Session) -> str:
    """What a fresh proof of the person can be worth at best."""
    return "mfa" if factors.count(session.user) else "pwd"


def _first(request: HttpRequest, page: str, home: str) -> HttpResponse:
    """To another page, and back to where the person was; a form that was sent has to be sent again."""
    here = request.get_full_path() if request.method == "GET" else reverse(home)
    return redirect(f"{reverse(page)}?{urlencode({'next': here})}")
