"""Linking an account, logging in again, and new credentials: each answers with where to log in."""

from drf_spectacular.utils import extend_schema
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from config.http.idempotency import idempotent
from config.http.permissions import RequireStepUp, RequireUser
from config.http.ratelimit import RateLimit, by_caller
from config.http.views import APIView
from trading.api.lookup import account_for, caller, reachable
from trading.api.serializers import (
    LinkSerializer,
    LoginStartedSerializer,
    RotationSerializer,
    broker_credentials,
)
from trading.services import access, linking, login, rotation
from trading.services.login import LoginStarted

STARTS = RateLimit(name="broker_logins", limit=30, period=3600, key=by_caller)


class LinkView(APIView):
    """`POST /v1/trading-accounts/link`"""

    permission_classes = (RequireStepUp,)
    rate_limits = (STARTS,)

    @extend_schema(
        operation_id="trading_accounts_link",
        summary="Link an account at a broker",
        description="Send the person to `login_url`; the broker sends them back to us, and the account is active. "
        "`kite` asks for the key and secret of the person's own app, `paper` for none. Wants a fresh second factor.",
        request=LinkSerializer,
        responses={201: LoginStartedSerializer},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        body = LinkSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        started = linking.begin(
            owner=caller(request),
            broker=body.validated_data["broker"],
            nickname=body.validated_data["nickname"],
            credentials=broker_credentials(body.validated_data),
        )
        return answer(request, started, status=201)


class LoginView(APIView):
    """`POST /v1/trading-accounts/{id}/login`"""

    permission_classes = (RequireUser,)
    rate_limits = (STARTS,)

    @extend_schema(
        operation_id="trading_accounts_login",
        summary="Begin a fresh login at the broker",
        description="Sessions end every day at about 06:00 IST.",
        request=None,
        responses=LoginStartedSerializer,
    )
    def post(self, request: Request, account_id: str) -> Response:
        account = account_for(request, account_id, action=access.MANAGE)
        return answer(request, login.begin(account=account, user=caller(request)), status=200)


class RotateCredentialsView(APIView):
    """`/v1/trading-accounts/{id}/rotate-credentials`"""

    rate_limits = (STARTS,)

    def get_permissions(self) -> list[BasePermission]:
        return [RequireUser() if self.request.method == "DELETE" else RequireStepUp()]

    @extend_schema(
        operation_id="trading_accounts_rotate_credentials",
        summary="Replace the API key and secret",
        description="The old ones serve until a login at `login_url` has proven the new. "
        "For the owner of the account alone. Wants a fresh second factor.",
        request=RotationSerializer,
        responses=LoginStartedSerializer,
    )
    @idempotent
    def post(self, request: Request, account_id: str) -> Response:
        account = account_for(request, account_id, action=access.ROTATE)
        body = RotationSerializer(data=request.data, context={"broker": account.broker})
        body.is_valid(raise_exception=True)
        started = rotation.begin(
            account=account,
            user=caller(request),
            credentials=broker_credentials(body.validated_data),
        )
        return answer(request, started, status=200)

    @extend_schema(
        operation_id="trading_accounts_cancel_rotation",
        summary="Drop new credentials that no login has proven yet",
        description="The old ones go on; a login with the new ones that comes back later is refused. "
        "404 when none wait.",
        responses={204: None},
    )
    def delete(self, request: Request, account_id: str) -> Response:
        account = account_for(request, account_id, action=access.ROTATE)
        rotation.cancel(account=account)
        return Response(status=204)


def answer(request: Request, started: LoginStarted, *, status: int) -> Response:
    account = reachable(caller(request)).get(pk=started.account.pk)
    shown = LoginStartedSerializer(
        account, context={"request": request, "login_url": started.login_url}
    )
    return Response(shown.data, status=status)
