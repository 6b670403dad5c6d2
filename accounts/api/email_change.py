"""`/v1/auth/email/change`: another address for one's account."""

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.auth_serializers import (
    EmailSerializer,
    SingleUseTokenSerializer,
    StatusSerializer,
    UserSerializer,
)
from accounts.api.registration import StrangerView
from accounts.api.sign_in import own_session
from accounts.services import email_change
from config.http.permissions import RequireStepUp
from config.http.ratelimit import RateLimit, by_caller
from config.http.views import APIView


class EmailChangeView(APIView):
    permission_classes = (RequireStepUp,)
    rate_limits = (RateLimit(name="email_change", limit=5, period=3600, key=by_caller),)

    @extend_schema(
        operation_id="auth_email_change",
        request=EmailSerializer,
        responses={202: StatusSerializer},
    )
    def post(self, request: Request) -> Response:
        """Ask for another address. A link goes to it, a notice to the present one, and nothing changes before the link
        is used. The answer is the same for an address that somebody has. Wants a fresh second factor.
        """
        asked = EmailSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        session = own_session(request)
        email_change.ask(user=session.user, email=asked.validated_data["email"], session=session)
        return Response({"status": "pending_confirmation"}, status=status.HTTP_202_ACCEPTED)

    @extend_schema(operation_id="auth_email_change_withdraw", request=None, responses={204: None})
    def delete(self, request: Request) -> Response:
        """Think better of it: a link that was sent is good no longer."""
        email_change.withdraw(user=own_session(request).user)
        return Response(status=status.HTTP_204_NO_CONTENT)


class ConfirmEmailChangeView(StrangerView):
    rate_limits = (RateLimit(name="email_change_confirm", limit=30, period=3600),)

    @extend_schema(
        operation_id="auth_email_change_confirm",
        request=SingleUseTokenSerializer,
        responses=UserSerializer,
    )
    def post(self, request: Request) -> Response:
        """Confirm the new address with the token of the mail. The other sessions end, and what was mailed to the old
        address is good no longer.
        """
        asked = SingleUseTokenSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        user = email_change.confirm(token=asked.validated_data["token"])
        return Response(UserSerializer(user).data)
