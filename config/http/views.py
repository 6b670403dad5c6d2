"""The base of every API view, and the pages that problem types resolve to."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from rest_framework import views
from rest_framework.request import Request

from config.http import ratelimit
from config.http.permissions import require_key_scope
from config.http.principal import Principal
from config.http.problems import FieldError, InvalidRequestError, ProblemError
from config.http.ratelimit import RateLimit, Usage


class APIView(views.APIView):
    """DRF's view with our rate limits: the ones it names, and one for everybody.

    Personal API keys open the methods that it names in `api_key_scopes`, to those that hold the scope, and no others.
    """

    rate_limits: ClassVar[Sequence[RateLimit]] = ()
    api_key_scopes: ClassVar[Mapping[str, str]] = {}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """No parameter holds a NUL, which PostgreSQL cannot even be asked about."""
        for name, values in request.query_params.lists():
            if any("\x00" in value for value in values):
                raise InvalidRequestError(errors=[FieldError(name, "invalid", "Holds a NUL.")])
        super().initial(request, *args, **kwargs)

    def check_permissions(self, request: Request) -> None:
        """The key's own limits come first: a key is not asked for a second factor, which it could never prove."""
        require_key_scope(request, self.api_key_scopes)
        super().check_permissions(request)

    def check_throttles(self, request: Request) -> None:
        """Called by DRF once the caller is known and allowed."""
        self.usages: Sequence[Usage] = ratelimit.enforce(
            request, (*self.rate_limits, self._limit_of_everybody(request))
        )

    def _limit_of_everybody(self, request: Request) -> RateLimit:
        service = isinstance(request.auth, Principal) and request.auth.is_service
        return ratelimit.limit_of_everybody(service=service)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        final = super().finalize_response(request, response, *args, **kwargs)
        for name, value in ratelimit.headers(getattr(self, "usages", ())).items():
            final.headers.setdefault(name, value)
        final.headers.setdefault("Cache-Control", "no-store")
        return final


def body_of(request: Request) -> dict[str, Any]:
    """The JSON object that the request carries: our parser lets nothing else through."""
    body: dict[str, Any] = request.data  # type: ignore[assignment]
    return body


def problem_type(request: HttpRequest, slug: str) -> HttpResponse:
    """The page about one problem type: what its class says of itself."""
    error = ProblemError.registry.get(slug)
    if error is None:
        raise Http404
    return render(request, "http/problem_type.html", {"error": error, "text": error.__doc__ or ""})


def problem_types(request: HttpRequest) -> HttpResponse:
    """The list of them all."""
    errors = sorted(ProblemError.registry.values(), key=lambda error: (error.status, error.slug))
    return render(request, "http/problem_types.html", {"errors": errors})
