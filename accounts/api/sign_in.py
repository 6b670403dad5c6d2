"""`/v1/auth`: the ways in, continuing, and the way out."""

from dataclasses import asdict
from functools import cache
from typing import Any

from drf_spectacular.utils import OpenApiResponse, PolymorphicProxySerializer, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import refresh_cookie
from accounts.api.auth_serializers import (
    EndedSerializer,
    LoginSerializer,
    LogoutSerializer,
    RefreshSerializer,
    ReopeningOfferedSerializer,
    ReopeningSerializer,
    SecondFactorNeededSerializer,
    SecondFactorSerializer,
    StatusSerializer,
    StepUpSerializer,
    TokensSerializer,
)
from accounts.models import Session
from accounts.models.session import EndReason
from accounts.services import login, reopening, second_factor, sessions, step_up, tokens
from accounts.services.reopening import ReopeningOffered
from accounts.services.second_factor import SecondFactorNeeded
from accounts.services.sessions import Device
from accounts.services.tokens import TokenPair
from accounts.sign_in_limits import PER_ADDRESS, PER_NETWORK
from config.http.permissions import RequireUser
from config.http.principal import principal_of
from config.http.ratelimit import RateLimit, by_caller
from config.http.views import APIView


def tokens_response(pair: TokenPair, *, delivery: str) -> Response:
    """The tokens of `pair`, the refresh token in the body or in the cookie."""
    document = _serializer().to_representation(pair)
    if delivery == "cookie" and pair.refresh_token is not None:
        document.pop("refresh_token")
    response = Response(document, headers={"Cache-Control": "no-store"})
    if delivery == "cookie" and pair.refresh_token is not None:
        refresh_cookie.put(response, pair.refresh_token, max_age=pair.refresh_expires_in or 0)
    return response


@cache
def _serializer() -> TokensSerializer:
    """One for every answer: making its fields from the model takes longer than all else in an answer."""
    return TokensSerializer()


def own_session(request: Request) -> Session:
    """The live session behind the caller's access token."""
    return (
        Session.objects.select_related("user")
        .with_public_id(principal_of(request).session_id)
        .get()
    )


class LoginView(APIView):
    authentication_classes = ()
    permission_classes = (AllowAny,)
    rate_limits = (PER_ADDRESS, PER_NETWORK)

    @extend_schema(
        operation_id="auth_login",
        request=LoginSerializer,
        responses=PolymorphicProxySerializer(
            component_name="LoginAnswer",
            serializers=[
                TokensSerializer,
                SecondFactorNeededSerializer,
                ReopeningOfferedSerializer,
            ],
            resource_type_field_name=None,
        ),
    )
    def post(self, request: Request) -> Response:
        """Sign in with e-mail and password. The answer is tokens, or the demand for a second factor; or, to somebody
        who has closed their account, the offer to take that back.
        """
        asked = LoginSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        answer = login.log_in(
            email=asked.validated_data["email"],
            password=asked.validated_data["password"],
            device=Device(
                name=asked.validated_data["device_name"],
                fingerprint=asked.validated_data["device_fingerprint"],
                persistent=asked.validated_data["persist_session"],
            ),
        )
        if isinstance(answer, SecondFactorNeeded):
            return Response(
                {"status": "mfa_required", "mfa_token": answer.mfa_token, "methods": answer.methods}
            )
        if isinstance(answer, ReopeningOffered):
            offer = {"status": "account_closed", **asdict(answer)}
            return Response(ReopeningOfferedSerializer(offer).data)
        return tokens_response(answer, delivery=asked.validated_data["token_delivery"])


class ReopenView(APIView):
    authentication_classes = ()
    permission_classes = (AllowAny,)
    rate_limits = (RateLimit(name="reopen", limit=30, period=900),)

    @extend_schema(
        operation_id="auth_reopen", request=ReopeningSerializer, responses=StatusSerializer
    )
    def post(self, request: Request) -> Response:
        """Take back that one has closed one's account, with the token of the sign-in. Then sign in again."""
        asked = ReopeningSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        user = reopening.reopen(
            token=asked.validated_data["reopening_token"], code=asked.validated_data["code"]
        )
        return Response({"status": user.status})


class SecondFactorView(APIView):
    authentication_classes = ()
    permission_classes = (AllowAny,)
    rate_limits = (RateLimit(name="mfa_verify", limit=30, period=900),)

    @extend_schema(
        operation_id="auth_mfa_verify",
        request=SecondFactorSerializer,
        responses=TokensSerializer,
    )
    def post(self, request: Request) -> Response:
        """Finish a sign-in with a code from an authenticator app, a backup code, or a passkey."""
        asked = SecondFactorSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        proof: dict[str, Any] = asked.validated_data
        token = proof["mfa_token"]
        if "code" in proof:
            pair = second_factor.finish_with_code(
                mfa_token=token, code=proof["code"], answer=tokens.first_pair
            )
        else:
            pair = second_factor.finish_with_passkey(
                mfa_token=token, credential=proof["webauthn"], answer=tokens.first_pair
            )
        return tokens_response(pair, delivery=asked.validated_data["token_delivery"])


class RefreshView(APIView):
    authentication_classes = ()
    permission_classes = (AllowAny,)
    rate_limits = (RateLimit(name="refresh", limit=600, period=900),)

    @extend_schema(
        operation_id="auth_refresh", request=RefreshSerializer, responses=TokensSerializer
    )
    def post(self, request: Request) -> Response:
        """Exchange the refresh token for its successor and a new access token.

        A token works once. Sent again within ten seconds by the same client it brings the same successor; later, or
        from elsewhere, it ends the session.
        """
        asked = RefreshSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data.get("refresh_token")
        token = given or refresh_cookie.read(request)
        if not token:
            raise ValidationError(
                {"refresh_token": "In the body or in the cookie."}, code="required"
            )
        return tokens_response(tokens.refreshed_pair(token), delivery="body" if given else "cookie")


class LogoutView(APIView):
    permission_classes = (RequireUser,)

    @extend_schema(operation_id="auth_logout", request=LogoutSerializer, responses=EndedSerializer)
    def post(self, request: Request) -> Response:
        """End this session, or every session of the person. Tokens are refused from now on."""
        asked = LogoutSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        session = own_session(request)
        if asked.validated_data["all_devices"]:
            ended = sessions.end_all(user=session.user, reason=EndReason.LOGOUT)
        else:
            ended = int(sessions.end(session=session, reason=EndReason.LOGOUT))
        response = Response({"sessions_revoked": ended})
        refresh_cookie.take_away(response)
        return response


class StepUpView(APIView):
    permission_classes = (RequireUser,)
    rate_limits = (RateLimit(name="step_up", limit=10, period=300, key=by_caller),)

    @extend_schema(
        operation_id="auth_step_up",
        request=StepUpSerializer,
        responses=OpenApiResponse(TokensSerializer, "An access token with a fresh `auth_time`."),
    )
    def post(self, request: Request) -> Response:
        """Prove a second factor (`acr` becomes `mfa`) or the password again, for actions that want it fresh."""
        asked = StepUpSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        proof: dict[str, Any] = asked.validated_data
        session = own_session(request)
        if "code" in proof:
            step_up.with_code(session=session, code=proof["code"])
        elif "webauthn" in proof:
            step_up.with_passkey(session=session, credential=proof["webauthn"])
        else:
            step_up.with_password(session=session, password=proof["password"])
        return tokens_response(tokens.pair(session), delivery="body")
