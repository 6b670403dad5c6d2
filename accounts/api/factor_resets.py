"""`/v1/users/{id}/mfa-reset`: taking somebody's lost factors away, by two of the staff."""

from typing import Any, cast

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.users import ReasonSerializer
from accounts.models import User
from accounts.services import factor_reset
from config.http.permissions import RequireScope, RequireStepUp
from config.http.principal import principal_of
from config.http.problems import NotFoundError
from config.http.views import APIView
from mfa.errors import ResetNotFoundError
from mfa.models import ResetRequest

SCOPE = "factors:reset"


class ResetRequestSerializer(serializers.ModelSerializer[ResetRequest]):
    id = serializers.CharField(source="public_id", read_only=True)
    user_id = serializers.CharField(source="user.public_id", read_only=True)
    requested_by = serializers.CharField(source="requested_by.public_id", read_only=True)
    approved_by = serializers.SerializerMethodField()

    class Meta:
        model = ResetRequest
        fields = (
            "id",
            "user_id",
            "status",
            "reason",
            "requested_by",
            "approved_by",
            "created_at",
            "expires_at",
            "decided_at",
        )
        read_only_fields = fields

    def get_approved_by(self, asked: ResetRequest) -> str | None:
        return asked.decided_by.public_id if asked.decided_by else None


def _somebody(user_id: str) -> User:
    user = User.objects.with_public_id(user_id).first()
    if user is None:
        raise NotFoundError
    return user


def _staff(request: Request) -> dict[str, Any]:
    return {"by": cast("User", request.user), "scopes": principal_of(request).scopes}


class FactorResetView(APIView):
    def get_permissions(self) -> list[Any]:
        needs = [RequireScope(SCOPE)()]
        return needs if self.request.method == "GET" else [*needs, RequireStepUp()]

    @extend_schema(operation_id="users_mfa_reset_read", responses=ResetRequestSerializer)
    def get(self, request: Request, user_id: str) -> Response:
        """The reset of this person's factors that waits for approval."""
        user = _somebody(user_id)
        asked = ResetRequest.objects.open().of(user.pk).select_related("user", "requested_by")
        found = asked.first()
        if found is None:
            raise ResetNotFoundError
        return Response(ResetRequestSerializer(found).data)

    @extend_schema(
        operation_id="users_mfa_reset_request",
        request=ReasonSerializer,
        responses={201: ResetRequestSerializer},
    )
    def post(self, request: Request, user_id: str) -> Response:
        """Ask that a person's factors be taken away because they lost them. Another member of the staff approves it;
        the person gets a mail. Wants a fresh second factor.
        """
        asked = ReasonSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        opened = factor_reset.request(
            user=_somebody(user_id), reason=asked.validated_data["reason"], **_staff(request)
        )
        return Response(ResetRequestSerializer(opened).data, status=status.HTTP_201_CREATED)

    @extend_schema(operation_id="users_mfa_reset_cancel", responses={204: None})
    def delete(self, request: Request, user_id: str) -> Response:
        """Take the request back: nothing is reset. Wants a fresh second factor."""
        factor_reset.cancel(user=_somebody(user_id), **_staff(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class ApproveFactorResetView(APIView):
    permission_classes = (RequireScope(SCOPE), RequireStepUp)

    @extend_schema(
        operation_id="users_mfa_reset_approve", request=None, responses=ResetRequestSerializer
    )
    def post(self, request: Request, user_id: str) -> Response:
        """Approve what another member of the staff asked for: the person's factors and backup codes are gone, every
        session ends, and the person gets a mail. Wants a fresh second factor.
        """
        approved = factor_reset.approve(user=_somebody(user_id), **_staff(request))
        return Response(ResetRequestSerializer(approved).data)
