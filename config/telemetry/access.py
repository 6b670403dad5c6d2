"""The access line: one for each request, with the template of its address and never the address itself."""

from typing import Any

import structlog
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from config.http import context

logger = structlog.get_logger(__name__)

PROBES = frozenset({"/livez", "/readyz", "/health", "/metrics"})
NO_ROUTE = "(none)"


def route_of(request: HttpRequest) -> str:
    """The URL pattern that answered, such as `/v1/jobs/<str:job_id>`, or `(none)`."""
    match = request.resolver_match
    return f"/{match.route}" if match is not None else NO_ROUTE


def write_access_line(request: HttpRequest, response: HttpResponseBase, *, seconds: float) -> None:
    """Log the request, unless it is a probe that went well. `seconds` is the time to the first byte."""
    if request.path in PROBES and response.status_code < 400:
        return
    facts: dict[str, Any] = {
        "method": request.method,
        "route": route_of(request),
        "status": response.status_code,
        "duration_ms": round(seconds * 1000, 2),
    }
    peer = context.current().ip
    if peer:
        facts["ip"] = peer
    logger.info("request", **facts)
