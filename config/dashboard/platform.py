"""How the platform is set up, for staff: every setting with its secrets masked, and what the system checks say."""

import re
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.core import checks
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe
from pydantic import SecretStr

from config.dashboard.remedies import reference_of, remedy_of
from config.http.console import holds
from config.settings.reference import SECTIONS
from config.telemetry.redaction import is_secret_key

SCOPE = "jobs:read"
DOTS = "••••"
LINK = re.compile(r"\[([^\]]+)\]\([^)]+\)")
USER_IN_URL = re.compile(r"(?<=://)[^/@\s]+(?=@)")


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One variable of the environment as a page may show it."""

    name: str
    value: str
    meaning: str
    changed: bool


@require_safe
def configuration(request: HttpRequest) -> HttpResponse:
    """By sections, as in the operators' page on settings."""
    _require(request)
    sections = [
        ((section.__doc__ or "").strip(), [_setting(name) for name in section.model_fields])
        for section in SECTIONS
    ]
    return _page(request, "configuration.html", _("Configuration"), sections=sections)


@require_safe
def system_check(request: HttpRequest) -> HttpResponse:
    """What `manage.py check --deploy` says in the process that answers."""
    _require(request)
    found = checks.run_checks(include_deployment_checks=not settings.DEBUG)
    heard = sorted((each for each in found if not each.is_silenced()), key=_severity)
    told = [(each, remedy_of(each), reference_of(each)) for each in heard]
    return _page(request, "system_check.html", _("System check"), told=told)


def urls() -> list[URLPattern]:
    """Under `/console/`, whose middleware asks for a second factor."""
    return [
        path(
            "console/platform/configuration/",
            admin.site.admin_view(configuration),
            name="platform-configuration",
        ),
        path(
            "console/platform/check/",
            admin.site.admin_view(system_check),
            name="platform-check",
        ),
    ]


def told(description: str) -> str:
    """What a setting means, without the marks of Markdown that the operators' page of it has."""
    parts = LINK.sub(r"\1", description).split("`")
    return format_html_join(
        "", "<{0}>{1}</{0}>", ((("span", "code")[n % 2], part) for n, part in enumerate(parts))
    )


def shown(name: str, value: Any) -> str:
    """A value as staff may read it: of a secret whether there is one, and of an address no user in it."""
    if isinstance(value, SecretStr) or is_secret_key(name):
        return DOTS if value else ""
    if isinstance(value, list | tuple):
        return ", ".join(shown(name, each) for each in value)
    if value is None:
        return ""
    return USER_IN_URL.sub(DOTS, str(value))


def _setting(name: str) -> Setting:
    environment = settings.ENVIRONMENT
    field, value = type(environment).model_fields[name], getattr(environment, name)
    return Setting(
        name=name.upper(),
        value=shown(name, value),
        meaning=told(field.description or ""),
        changed=value != field.default,
    )


def _severity(message: checks.CheckMessage) -> tuple[int, str]:
    """The gravest first."""
    return -message.level, message.id or ""


def _require(request: HttpRequest) -> None:
    if not holds(request, SCOPE):
        raise PermissionDenied


def _page(request: HttpRequest, template: str, title: Any, **context: Any) -> HttpResponse:
    return render(
        request,
        f"dashboard/{template}",
        {**admin.site.each_context(request), "title": title, **context},
    )
