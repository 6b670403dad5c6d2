"""The console's pages about people, sessions, keys and clients."""

from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.contrib import admin

from accounts.admin import (
    api_key,
    privacy,
    reset_request,
    service_client,
    session,
    signing_key,
    user,
)

__all__ = [
    "api_key",
    "privacy",
    "reset_request",
    "service_client",
    "session",
    "signing_key",
    "user",
]

# allauth's tables change through our services alone, and most of them stay empty.
for model in (EmailAddress, SocialAccount, SocialApp, SocialToken):
    admin.site.unregister(model)
