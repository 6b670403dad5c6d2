"""Four addresses for machines that watch us. They change nothing, and tell strangers next to nothing.

Three of them go the short way, and so answer whatever name or address they are asked by: orchestrators and Prometheus
know a machine by its address, which is not among ALLOWED_HOSTS.
"""

import hmac
from ipaddress import ip_address
from typing import Any

from django.conf import settings
from django.db import Error
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from drf_spectacular.utils import extend_schema
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from config.http.principal import Principal
from config.http.problems import ForbiddenError, UnauthenticatedError
from config.http.short_way import short_way
from config.http.views import APIView
from config.telemetry.exposition import exposition, exposition_of_processes
from config.telemetry.health import HEALTH, Finding, Report

HEALTH_SCOPE = "health:read"
FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP")


@short_way
@never_cache
@require_safe
def livez(request: HttpRequest) -> HttpResponse:
    """The process runs and answers. It looks at nothing else: a restart would mend nothing else."""
    return JsonResponse({"status": "ok"})


@short_way
@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Whether to send us requests: 200 when nothing critical fails (`degraded` when something else does), or 503."""
    report = HEALTH.report()
    return JsonResponse(_for_strangers(report), status=_status(report))


class HealthView(APIView):
    """The whole of it for staff and for holders of `health:read`; `/readyz` for everybody else."""

    permission_classes = (AllowAny,)

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        report = HEALTH.report()
        try:
            body = _in_full(report) if _may_see_all(request) else _for_strangers(report)
        except Error:  # nobody can be looked up while the database is away
            body = _for_strangers(report)
        return Response(body, status=_status(report))

    def perform_authentication(self, request: Request) -> None:
        """Left to `get`, which answers whether or not it can be done."""

    def check_permissions(self, request: Request) -> None:
        """None to check, and nobody to look up for it."""

    def check_throttles(self, request: Request) -> None:
        """Not limited: the report is remembered, and watchers must not be turned away."""


@short_way
@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """The metrics of all processes of this machine.

    Raises UnauthenticatedError without the token, and ForbiddenError from afar when no token is set.
    """
    _require_scraper(request)
    return HttpResponse(exposition(), content_type=CONTENT_TYPE_LATEST)


@never_cache
@require_safe
def process_metrics(request: HttpRequest) -> HttpResponse:
    """The same without the facts of the database; see `config.telemetry.watched_process`."""
    _require_scraper(request)
    return HttpResponse(exposition_of_processes(), content_type=CONTENT_TYPE_LATEST)


def _require_scraper(request: HttpRequest) -> None:
    expected = settings.ENVIRONMENT.metrics_token
    if expected is None:
        if not _comes_from_this_machine(request):
            raise ForbiddenError(
                "Without a metrics token they are read from the machine itself only."
            )
        return
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    same = hmac.compare_digest(given.strip().encode(), expected.get_secret_value().encode())
    if scheme.lower() != "bearer" or not same:
        raise UnauthenticatedError(headers={"WWW-Authenticate": 'Bearer realm="metrics"'})


def _comes_from_this_machine(request: HttpRequest) -> bool:
    """A proxy on this machine is a loopback peer too, but says for whom it asks."""
    if any(request.META.get(header) for header in FORWARDED):
        return False
    try:
        return ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


def _may_see_all(request: Request) -> bool:
    """Asks the console's session first: reading the token replaces its user in the request."""
    at_the_console = getattr(request._request, "user", None)
    if getattr(at_the_console, "is_staff", False):
        return True
    principal = request.auth
    if isinstance(principal, Principal) and principal.api_key_id:
        return False
    if isinstance(principal, Principal) and HEALTH_SCOPE in principal.scopes:
        return True
    return bool(getattr(request.user, "is_staff", False))


def _status(report: Report) -> int:
    return 503 if report.overall == "unavailable" else 200


def _for_strangers(report: Report) -> dict[str, Any]:
    checks = {
        finding.name: {"status": finding.state, "ms": finding.milliseconds}
        for finding in report.findings
    }
    return {"status": report.overall, "checks": checks}


def _in_full(report: Report) -> dict[str, Any]:
    return {
        "status": report.overall,
        "checks": {finding.name: _finding_in_full(finding) for finding in report.findings},
    }


def _finding_in_full(finding: Finding) -> dict[str, Any]:
    whole: dict[str, Any] = {
        "status": finding.state,
        "ms": finding.milliseconds,
        "critical": finding.critical,
    }
    if finding.error:
        whole["error"] = finding.error
    return whole | ({"facts": dict(finding.facts)} if finding.facts else {})
