"""What a view may demand of its caller before it looks at the question."""

from collections.abc import Mapping
from datetime import timedelta

from django.conf import settings
from django.utils import timezone
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from config.http.principal import Principal, principal_of
from config.http.problems import (
    ApiKeyNotAcceptedError,
    ClientNotBoundError,
    ForbiddenError,
    StepUpRequiredError,
)


class RequireUser(BasePermission):
    """A person, not a service."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return isinstance(request.auth, Principal) and request.auth.type == "user"


class RequireService(BasePermission):
    """A service client, not a person."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return isinstance(request.auth, Principal) and request.auth.is_service


class RequireBinding(RequireService):
    """A service client that is bound to networks or a certificate, and has met that."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        if not super().has_permission(request, view):
            return False
        if not principal_of(request).bound:
            raise ClientNotBoundError
        return True


class RequireRecentProof(RequireUser):
    """A person who proved who they are, with whatever they have, within `step_up_max_age`: for adding a factor."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        if not super().has_permission(request, view):
            return False
        if not _is_fresh(principal_of(request)):
            raise step_up_error(acr="pwd")
        return True


def _is_fresh(principal: Principal) -> bool:
    oldest = timezone.now() - timedelta(seconds=settings.ENVIRONMENT.step_up_max_age)
    return principal.auth_time is not None and principal.auth_time >= oldest


def step_up_error(*, acr: str) -> StepUpRequiredError:
    """What a caller is told whose proof is too weak or too old (RFC 9470 section 3)."""
    limit = settings.ENVIRONMENT.step_up_max_age
    challenge = (
        f'Bearer error="insufficient_user_authentication", acr_values="{acr}", max_age={limit}'
    )
    return StepUpRequiredError(
        "Prove yourself again at POST /v1/auth/step-up and repeat the request with the token it returns.",
        headers={"WWW-Authenticate": challenge},
        acr_values=acr,
        max_age=limit,
    )


class RequireStepUp(RequireUser):
    """A person who proved a second factor within `step_up_max_age` (RFC 9470)."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        if not super().has_permission(request, view):
            return False
        principal = principal_of(request)
        if principal.acr != "mfa" or not _is_fresh(principal):
            raise step_up_error(acr="mfa")
        return True


def RequireScope(scope: str) -> type[BasePermission]:  # noqa: N802 - reads as the class that it makes
    """A permission class for callers, people or services, whose scopes hold `scope`.

    Scopes of people are those of staff: they count in a session that proved a second factor, and in no other.
    """

    class ScopePermission(BasePermission):
        required_scope = scope

        def has_permission(self, request: Request, view: APIView) -> bool:
            if not isinstance(request.auth, Principal):
                return False
            if scope in request.auth.scopes:
                if not request.auth.is_service and request.auth.acr != "mfa":
                    raise step_up_error(acr="mfa")
                return True
            raise _insufficient_scope(scope)

    return ScopePermission


def require_key_scope(request: Request, opened: Mapping[str, str]) -> None:
    """A personal API key goes no further than `opened` says: by method, the scope that it must hold.

    Raises ApiKeyNotAcceptedError where no scope would help, and ForbiddenError where another would. Other callers pass.
    """
    if isinstance(request.auth, Principal):
        method = "GET" if request.method == "HEAD" else str(request.method)
        require_scope_of_key(request.auth, opened.get(method))


def require_scope_of_key(principal: Principal, scope: str | None) -> None:
    """The same for a plain view: `scope` is what a key must hold, None where none opens it."""
    if not principal.api_key_id:
        return
    if scope is None:
        raise ApiKeyNotAcceptedError
    if scope not in principal.scopes:
        raise _insufficient_scope(scope)


def _insufficient_scope(scope: str) -> ForbiddenError:
    challenge = f'Bearer error="insufficient_scope", scope="{scope}"'
    return ForbiddenError(f"This needs the scope {scope}.", headers={"WWW-Authenticate": challenge})
