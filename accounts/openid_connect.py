"""OpenID Connect as allauth speaks it, with checks of ours: nothing that a provider sends is taken as it is."""

from typing import Any

import requests
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.http import Http404, HttpRequest, HttpResponse

from accounts import sign_in_providers
from accounts.errors import ProviderUnavailableError
from accounts.pages import provider_answers

WELL_KNOWN = "/.well-known/"
ENDPOINTS = ("issuer", "authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri")


class CheckedAdapter(OpenIDConnectOAuth2Adapter):
    """Raises OAuth2Error where the provider's documents are not what OpenID Connect makes of them."""

    @property
    def openid_config(self) -> dict[str, Any]:
        """The provider's metadata, of the issuer that the settings name (OpenID Connect Discovery section 4.3)."""
        document = super().openid_config
        if not isinstance(document, dict) or not all(
            isinstance(document.get(name), str) for name in ENDPOINTS
        ):
            raise OAuth2Error("The provider's metadata lack an endpoint")
        server = self.get_provider().app.settings["server_url"]
        if WELL_KNOWN not in server and document["issuer"].rstrip("/") != server.rstrip("/"):
            raise OAuth2Error("The provider's metadata are of another issuer")
        return document

    def complete_login(
        self, request: HttpRequest, app: Any, token: Any, **kwargs: Any
    ) -> SocialLogin:
        """Who the answer is about, if it holds what it must."""
        try:
            return super().complete_login(request, app, token, **kwargs)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise OAuth2Error("The answer lacks what it must hold") from error


def require_one_subject(answer: dict[str, Any]) -> None:
    """An ID token for us is there, and the userinfo is of the same subject (OpenID Connect Core section 5.3.2).

    Raises OAuth2Error, and KeyError where there is no subject.
    """
    userinfo = answer.get("userinfo")
    if userinfo and userinfo["sub"] != answer["id_token"]["sub"]:
        raise OAuth2Error("The answer is not of one subject")
    if not answer["id_token"]["sub"]:
        raise OAuth2Error("The answer names nobody")


def callback(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Where providers send people back."""
    if sign_in_providers.find(provider_id) is None:
        raise Http404
    adapter = CheckedAdapter(request, provider_id)
    try:
        _ = adapter.openid_config
    except (requests.RequestException, OAuth2Error):
        return provider_answers.refusal(request, ProviderUnavailableError())
    response: HttpResponse = OAuth2CallbackView.adapter_view(adapter)(request)
    return response
