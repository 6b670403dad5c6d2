"""`/v1/auth`: signing in with a passkey alone, and what to ask an authenticator with."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.auth_serializers import (
    MfaTokenSerializer,
    PasskeyLoginSerializer,
    TokensSerializer,
)
from accounts.api.registration import StrangerView
from accounts.api.sign_in import own_session, tokens_response
from accounts.services import passkey_sign_in, second_factor, step_up, tokens
from accounts.services.sessions import Device
from accounts.sign_in_limits import PER_ADDRESS, PER_NETWORK
from config.http.permissions import RequireUser
from config.http.ratelimit import RateLimit, by_caller
from config.http.views import APIView
from mfa.api.serializers import PublicKeyOptionsSerializer


class PasskeyOptionsView(StrangerView):
    rate_limits = (RateLimit(name="passkey_sign_in_options", limit=60, period=900),)

    @extend_schema(
        operation_id="auth_passkey_options", request=None, responses=PublicKeyOptionsSerializer
    )
    def post(self, request: Request) -> Response:
        """What to call `navigator.credentials.get` with when nobody has said who they are yet. Good once."""
        return Response({"public_key": passkey_sign_in.begin()})


class PasskeyLoginView(StrangerView):
    rate_limits = (PER_ADDRESS, PER_NETWORK)

    @extend_schema(
        operation_id="auth_passkey_login",
        request=PasskeyLoginSerializer,
        responses=TokensSerializer,
    )
    def post(self, request: Request) -> Response:
        """Sign in with a passkey alone. The authenticator verifies the person, so `acr` is `mfa` at once."""
        asked = PasskeyLoginSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        pair = passkey_sign_in.log_in(
            credential=asked.validated_data["credential"],
            device=Device(
                name=asked.validated_data["device_name"],
                fingerprint=asked.validated_data["device_fingerprint"],
                persistent=asked.validated_data["persist_session"],
            ),
            answer=tokens.first_pair,
        )
        return tokens_response(pair, delivery=asked.validated_data["token_delivery"])


class SecondFactorOptionsView(StrangerView):
    rate_limits = (RateLimit(name="mfa_options", limit=60, period=900),)

    @extend_schema(
        operation_id="auth_mfa_options",
        request=MfaTokenSerializer,
        responses=PublicKeyOptionsSerializer,
    )
    def post(self, request: Request) -> Response:
        """What to call `navigator.credentials.get` with to finish the sign-in of `mfa_token`. Good once."""
        asked = MfaTokenSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        options = second_factor.passkey_options(mfa_token=asked.validated_data["mfa_token"])
        return Response({"public_key": options})


class StepUpOptionsView(APIView):
    permission_classes = (RequireUser,)
    rate_limits = (RateLimit(name="step_up_options", limit=30, period=300, key=by_caller),)

    @extend_schema(
        operation_id="auth_step_up_options", request=None, responses=PublicKeyOptionsSerializer
    )
    def post(self, request: Request) -> Response:
        """What to call `navigator.credentials.get` with to step this session up. Good once."""
        return Response({"public_key": step_up.passkey_options(session=own_session(request))})
