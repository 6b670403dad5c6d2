"""allauth's two adapters: what it asks of us, answered by our services.

allauth keeps the protocol with other providers and the steps of a sign-in. Nothing about people is written by it: where
it would, the adapter refuses, so that a page mounted by mistake fails instead of going past our rules.
"""

from typing import Any, NoReturn

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import perform_login
from allauth.account.models import Login
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp, SocialLogin
from allauth.socialaccount.providers.base.constants import AuthError, AuthProcess
from django.contrib.auth import logout
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from accounts import sign_in_providers
from accounts.browser import enter, session_of
from accounts.errors import InvalidCredentialsError, PasswordWantedError
from accounts.metrics import SIGN_INS
from accounts.models import User
from accounts.openid_connect import require_one_subject
from accounts.pages import provider_answers
from accounts.pages.sign_in_steps import begun
from accounts.services import linked_sign_ins, second_factor
from accounts.services.linked_sign_ins import Identity
from config.http.problems import ProblemError


class AccountAdapter(DefaultAccountAdapter):
    """The sign-in itself: our steps, our sessions, redirects to our own pages alone."""

    def get_login_stages(self) -> list[str]:
        return [
            "accounts.pages.sign_in_steps.SecondFactorStep",
            "accounts.pages.sign_in_steps.LinkStep",
            "accounts.pages.sign_in_steps.HandoffStep",
        ]

    def login(self, request: HttpRequest, user: User) -> None:
        """After the last step: a session in this browser."""
        proven = begun(request, user)
        try:
            session = second_factor.begin(proven, answer=lambda session: session)
        except InvalidCredentialsError as error:
            raise ImmediateHttpResponse(provider_answers.refusal(request, error)) from error
        enter(request, session)

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        return redirect("account_login")

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        return reverse("my-account")

    def get_logout_redirect_url(self, request: HttpRequest) -> str:
        return reverse("account_login")

    def is_safe_url(self, url: str | None) -> bool:
        """Paths of ours; no host, not even one of ours."""
        return url_has_allowed_host_and_scheme(url, allowed_hosts=None)

    def is_ajax(self, request: HttpRequest) -> bool:
        """Programs have the API."""
        return False

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Our pages say themselves what happened."""

    def _not_this_way(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise ImproperlyConfigured("accounts.services does this; allauth must not")

    authenticate = confirm_email = new_user = save_user = send_mail = set_password = _not_this_way


class ProviderAdapter(DefaultSocialAccountAdapter):
    """Other providers: which there are, and what becomes of their answers."""

    def list_apps(
        self, request: HttpRequest, provider: str | None = None, client_id: str | None = None
    ) -> list[SocialApp]:
        """From the settings alone: no row of a table adds a provider."""
        return [
            app
            for app in sign_in_providers.apps()
            if provider in {None, app.provider, app.provider_id}
            and client_id in {None, app.client_id}
        ]

    def new_user(self, request: HttpRequest, sociallogin: SocialLogin) -> User:
        """A stand-in that is never saved."""
        return User()

    def populate_user(
        self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]
    ) -> User:
        """The provider's answer has been read: check it, and keep the address alone of what it says."""
        if sociallogin.provider.id == "openid_connect":
            require_one_subject(sociallogin.account.extra_data)
        sociallogin.account.extra_data = {"email": data.get("email") or ""}
        user: User = sociallogin.user
        user.email, user.name = data.get("email") or "", _name_in(data)
        return user

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> NoReturn:
        """Everything that follows is ours: allauth's own sign-up, linking and matching by address are never reached."""
        identity = _identity_of(sociallogin)
        try:
            if sociallogin.state.get("process") == AuthProcess.CONNECT:
                response = _connect(request, identity)
            else:
                response = _sign_in(request, identity, sociallogin.state)
        except ProblemError as error:
            response = provider_answers.refusal(request, error, _handoff_of(sociallogin.state))
        raise ImmediateHttpResponse(response)

    def authenticate_by_email(self, sociallogin: SocialLogin) -> None:
        """Nobody is signed in for an address alone: `person_for` decides."""

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,
        error: str | None = None,
        exception: Exception | None = None,
        extra_context: dict[str, Any] | None = None,
    ) -> NoReturn:
        """The person said no there, or the answer is not one to our question."""
        handoff = _handoff_of((extra_context or {}).get("state") or {})
        cancelled = error == AuthError.CANCELLED
        SIGN_INS.labels(sign_in_providers.method_of(provider.sub_id).value, "bad_credentials").inc()
        raise ImmediateHttpResponse(provider_answers.failure(request, handoff, cancelled=cancelled))

    def _not_this_way(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise ImproperlyConfigured("accounts.services does this; allauth must not")

    save_user = send_notification_mail = _not_this_way


def _sign_in(request: HttpRequest, identity: Identity, state: dict[str, Any]) -> HttpResponse:
    way = {
        "method": identity.method.value,
        "amr": list(linked_sign_ins.AMR),
        "handoff": _handoff_of(state),
    }
    try:
        user = linked_sign_ins.person_for(identity)
    except PasswordWantedError as wanted:
        return provider_answers.ask_for_password(
            request, wanted.user, identity, way=way, then=state.get("next")
        )
    if session_of(request) is not None:
        logout(request)
    login = Login(user=user, redirect_url=state.get("next"), state={"way": way})
    response: HttpResponse = perform_login(request, login)
    return response


def _connect(request: HttpRequest, identity: Identity) -> HttpResponse:
    session = session_of(request)
    if session is None:
        return redirect("account_login")
    linked_sign_ins.link(user=session.user, identity=identity)
    return redirect("my-account")


def _identity_of(sociallogin: SocialLogin) -> Identity:
    address = next(iter(sociallogin.email_addresses), None)
    return Identity(
        provider=sociallogin.account.provider,
        subject=sociallogin.account.uid,
        email=address.email if address else "",
        email_verified=address is not None and address.verified is True,  # "false" is no verdict
        name=sociallogin.user.name if sociallogin.account._state.adding else "",
    )


def _name_in(data: dict[str, Any]) -> str:
    parts = (data.get("first_name"), data.get("last_name"))
    return str(data.get("name") or " ".join(part for part in parts if part))


def _handoff_of(state: dict[str, Any]) -> str:
    """The signed request of the app that waits for this sign-in, or ""."""
    return str((state.get("data") or {}).get("handoff", ""))
