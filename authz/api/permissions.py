"""A view that asks the decision engine whether its caller may."""

from collections.abc import Callable

from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from authz.api.questions import caller, facts
from authz.services import decisions


def Permitted(  # noqa: N802 - reads as the class that it makes
    action: str, resource: Callable[[APIView, Request], str]
) -> type[BasePermission]:
    """A permission class: the caller may do `action` with the resource that `resource(view, request)` names."""

    class PolicyPermission(BasePermission):
        def has_permission(self, request: Request, view: APIView) -> bool:
            principal = caller(request)
            decision = decisions.check(
                subject=principal.subject,
                action=action,
                resource=resource(view, request),
                context=facts(principal),
            )
            return decision.allowed

    return PolicyPermission
