"""`/v1/auth`: asking for an account, proving the address, and passwords."""

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.auth_serializers import (
    EmailSerializer,
    EndedSerializer,
    PasswordChangeSerializer,
    PasswordResetSerializer,
    RegistrationSerializer,
    SingleUseTokenSerializer,
    StatusSerializer,
    UserSerializer,
)
from accounts.api.sign_in import own_session
from accounts.services import email_verification, passwords, registration
from config.http.permissions import RequireStepUp
from config.http.ratelimit import RateLimit, by_caller
from config.http.views import APIView


class StrangerView(APIView):
    """For people who cannot authenticate yet."""

    authentication_classes = ()
    permission_classes = (AllowAny,)


class RegisterView(StrangerView):
    rate_limits = (RateLimit(name="register", limit=5, period=3600),)

    @extend_schema(
        operation_id="auth_register",
        request=RegistrationSerializer,
        responses={202: StatusSerializer},
    )
    def post(self, request: Request) -> Response:
        """Ask for an account. The answer is the same for a known address; its owner gets a mail that says so."""
        asked = RegistrationSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        registration.register(**asked.validated_data)
        return Response({"status": "pending_verification"}, status=status.HTTP_202_ACCEPTED)


class VerifyEmailView(StrangerView):
    rate_limits = (RateLimit(name="email_verify", limit=30, period=3600),)

    @extend_schema(
        operation_id="auth_email_verify", request=SingleUseTokenSerializer, responses=UserSerializer
    )
    def post(self, request: Request) -> Response:
        """Confirm the address with the token of the mail; the account becomes active."""
        asked = SingleUseTokenSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        user = email_verification.verify(token=asked.validated_data["token"])
        return Response(UserSerializer(user).data)


class ResendVerificationView(StrangerView):
    rate_limits = (RateLimit(name="email_resend", limit=5, period=3600),)

    @extend_schema(
        operation_id="auth_email_verify_resend",
        request=EmailSerializer,
        responses={202: StatusSerializer},
    )
    def post(self, request: Request) -> Response:
        """Send the mail again. The answer is the same whether or not there is anything to confirm."""
        asked = EmailSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        email_verification.resend(email=asked.validated_data["email"])
        return Response({"status": "accepted"}, status=status.HTTP_202_ACCEPTED)


class RequestPasswordResetView(StrangerView):
    rate_limits = (RateLimit(name="password_reset", limit=5, period=3600),)

    @extend_schema(
        operation_id="auth_password_reset_request",
        request=EmailSerializer,
        responses={202: StatusSerializer},
    )
    def post(self, request: Request) -> Response:
        """Ask for a mail with a reset link. The answer is the same whether or not the address is known."""
        asked = EmailSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        passwords.request_reset(email=asked.validated_data["email"])
        return Response({"status": "accepted"}, status=status.HTTP_202_ACCEPTED)


class ResetPasswordView(StrangerView):
    rate_limits = (RateLimit(name="password_reset_finish", limit=30, period=3600),)

    @extend_schema(
        operation_id="auth_password_reset",
        request=PasswordResetSerializer,
        responses=EndedSerializer,
    )
    def post(self, request: Request) -> Response:
        """Set a new password with the token of the mail; every session ends."""
        asked = PasswordResetSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        ended = passwords.reset(
            token=asked.validated_data["token"], new=asked.validated_data["new_password"]
        )
        return Response({"sessions_revoked": ended})


class ChangePasswordView(APIView):
    permission_classes = (RequireStepUp,)
    rate_limits = (RateLimit(name="password_change", limit=10, period=900, key=by_caller),)

    @extend_schema(
        operation_id="auth_password_change",
        request=PasswordChangeSerializer,
        responses=EndedSerializer,
    )
    def post(self, request: Request) -> Response:
        """Change the password; the other sessions end. Wants a fresh second factor."""
        asked = PasswordChangeSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        ended = passwords.change(
            session=own_session(request),
            current=asked.validated_data["current_password"],
            new=asked.validated_data["new_password"],
        )
        return Response({"sessions_revoked": ended})
