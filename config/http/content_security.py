"""Content Security Policy: one for everything, and declared exceptions by address."""

from csp.middleware import CSPMiddleware
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase


class ContentSecurityMiddleware(CSPMiddleware):
    """django-csp's, with `CONTENT_SECURITY_EXCEPTIONS`: directives that replace ours below a path."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        for prefix, directives in settings.CONTENT_SECURITY_EXCEPTIONS.items():
            if request.path.startswith(prefix):
                response._csp_replace = directives  # type: ignore[attr-defined]
        answered: HttpResponseBase = super().process_response(request, response)
        return answered
