"""The sign-in providers that the settings name, as allauth and our pages know them."""

from typing import Any

from allauth.socialaccount.models import SocialApp
from django.conf import settings

from accounts.models.session import SignInMethod
from config.settings.reader import reveal

GOOGLE = "google"


def apps() -> list[SocialApp]:
    """Google first, when it is set up, then the others in their order. Nothing of it is in the database."""
    environment = settings.ENVIRONMENT
    found = []
    if environment.google_client_id:
        found.append(
            _app(
                provider="openid_connect",
                provider_id=GOOGLE,
                name="Google",
                client_id=environment.google_client_id,
                secret=reveal(environment.google_client_secret),
                settings={"server_url": environment.google_server_url},
            )
        )
    for each in environment.sign_in_providers:
        server = {"server_url": each.server_url} if each.server_url else {}
        found.append(
            _app(
                provider=each.provider,
                provider_id=each.id,
                name=each.name,
                client_id=each.client_id,
                secret=each.client_secret.get_secret_value(),
                settings={**server, **each.settings},
            )
        )
    return found


def find(provider_id: str) -> SocialApp | None:
    """The provider with this id, if it is set up."""
    return next((app for app in apps() if app.provider_id == provider_id), None)


def method_of(provider_id: str) -> SignInMethod:
    """How sessions and metrics call a sign-in by this provider."""
    return SignInMethod.GOOGLE if provider_id == GOOGLE else SignInMethod.FEDERATED


def _app(**fields: Any) -> SocialApp:
    """With PKCE, whatever else the settings say."""
    fields["settings"] = {**fields["settings"], "oauth_pkce_enabled": True}
    return SocialApp(**fields)
