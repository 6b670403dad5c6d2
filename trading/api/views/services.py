"""What other services ask about an account."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from authz.api.answers import decision_document
from authz.api.decision_serializers import DecisionSerializer
from authz.services import decisions
from config.http.permissions import RequireBinding, RequireScope, RequireService
from config.http.principal import principal_of
from config.http.ratelimit import RateLimit
from config.http.views import APIView
from trading.api.limits import AccountLimitedView
from trading.api.lookup import account_known_to_services
from trading.api.serializers import (
    PermissionQuestionSerializer,
    ReadableCredentialsSerializer,
)
from trading.services import credential_reading


class PermissionCheckView(APIView):
    """`GET /v1/trading-accounts/{id}/permissions/check`"""

    permission_classes = (RequireService, RequireScope("authz:check"))

    @extend_schema(
        operation_id="trading_accounts_permission_check",
        summary="May this person do this with the account?",
        description="The decision of `POST /v1/authz/check`, for callers who know the account.",
        parameters=[PermissionQuestionSerializer],
        responses=DecisionSerializer,
    )
    def get(self, request: Request, account_id: str) -> Response:
        question = PermissionQuestionSerializer(data=request.query_params.dict())
        question.is_valid(raise_exception=True)
        account = account_known_to_services(account_id)
        decision = decisions.check(
            subject=f"user:{question.validated_data['user_id']}",
            action=question.validated_data["action"],
            resource=account.entity,
            source="api",
        )
        return Response(decision_document(decision))


class CredentialsView(AccountLimitedView):
    """`POST /v1/internal/trading-accounts/{id}/credentials`"""

    permission_classes = (RequireBinding, RequireScope("credentials:read"))
    account_limit = RateLimit(name="credentials_read", limit=10, period=1)

    @extend_schema(
        operation_id="internal_trading_accounts_credentials",
        summary="The plaintext credentials of an active account",
        description="For service clients that are bound to networks or a certificate. Written to the audit trail "
        "before it is answered, refusals included. Never cache it.",
        request=None,
        responses=ReadableCredentialsSerializer,
    )
    def post(self, request: Request, account_id: str) -> Response:
        account = account_known_to_services(account_id)
        self.admit(request, account)
        readable = credential_reading.read(account=account, reader=principal_of(request))
        return Response(ReadableCredentialsSerializer(readable).data)
