"""Every address of the service."""

from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

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

urlpatterns: list[URLPattern | URLResolver] = [
    path("v1/", include(v1)),
    path("", include("config.http.urls")),
    path("", include("config.telemetry.urls")),
    path("", include("accounts.api.discovery_urls")),
    path("", include("accounts.pages.urls")),
    path("console/", admin.site.urls),
]
if settings.DEVSTACK:
    urlpatterns.append(path("", include("config.devstack.urls")))
