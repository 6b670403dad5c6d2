"""Every address of the service."""

from importlib.util import find_spec

from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

# WIP: becomes a static list when every module has landed
_API = [
    "events.api.urls",
    "audit.api.urls",
    "authz.api.urls",
    "mfa.api.urls",
    "accounts.api.urls",
    "accounts.api.oauth_urls",
    "trading.api.urls",
    "config.jobs.api.urls",
]


def _exists(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:
        return False


urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("config.http.urls")),
    *([path("", include("accounts.pages.urls"))] if _exists("authz.services.roles") else []),
    path("console/", admin.site.urls),
    *[
        path("v1/", include(name))
        for name in _API
        if _exists(name) and (name != "accounts.api.urls" or _exists("authz.services.roles"))
    ],
]
for name in ("accounts.api.discovery_urls", "config.telemetry.urls", "config.devstack.urls"):
    if _exists(name) and (name != "config.devstack.urls" or settings.DEVSTACK):
        urlpatterns.append(path("", include(name)))
