"""Every address of the service."""

from django.conf import settings
from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path

from config.dashboard import platform

v1 = [
    path("", include("config.jobs.api.urls")),
    path("", include("events.api.urls")),
    path("", include("audit.api.urls")),
    path("", include("authz.api.urls")),
    path("", include("mfa.api.urls")),
    path("", include("accounts.api.urls")),
    path("", include("accounts.api.oauth_urls")),
    path("", include("trading.api.urls")),
]


def page_not_found(request: HttpRequest) -> HttpResponse:
    """In place of a page of Django's that we do not want."""
    raise Http404


urlpatterns: list[URLPattern | URLResolver] = [
    path("v1/", include(v1)),
    path("", include("config.http.urls")),
    path("", include("config.telemetry.urls")),
    path("", include("accounts.api.discovery_urls")),
    path("", include("authz.api.authzen.urls")),
    path("", include("accounts.pages.urls")),
    path("", include("trading.pages.urls")),
    path(
        "console/password_change/", page_not_found
    ),  # passwords are changed by the API, with a fresh factor
    *platform.urls(),
    path("console/", admin.site.urls),
]
if settings.DEVSTACK:
    urlpatterns.append(path("", include("config.devstack.urls")))
