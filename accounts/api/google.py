"""`/v1/auth/google`: a sign-in on our pages for an app, and its code exchanged for tokens."""

from django.conf import settings
from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import sign_in_providers
from accounts.api.auth_serializers import (
    LONGEST_SECRET,
    SecondFactorNeededSerializer,
    TokensSerializer,
)
from accounts.api.registration import StrangerView
from accounts.api.sign_in import tokens_response
from accounts.errors import ProviderNotConfiguredError
from accounts.services import handoff
from accounts.services.handoff import HandoffRequest
from accounts.services.second_factor import SecondFactorNeeded
from accounts.services.sessions import Device
from config.http.ratelimit import RateLimit
from config.http.serializers import StrictSerializer

CHALLENGE = r"[A-Za-z0-9_-]{43}"  # SHA-256 in base64url: RFC 7636 section 4.2
VERIFIER = r"[A-Za-z0-9._~-]{43,128}"  # RFC 7636 section 4.1
STATE = r"[\x20-\x7e]+"  # RFC 6749 appendix A.5


class GoogleSignInSerializer(StrictSerializer):
    redirect_uri = serializers.CharField(
        max_length=LONGEST_SECRET,
        trim_whitespace=False,
        help_text="Registered with us, letter by letter.",
    )
    code_challenge = serializers.RegexField(
        rf"^{CHALLENGE}\Z", max_length=43, help_text="S256 of the `code_verifier`."
    )
    code_challenge_method = serializers.ChoiceField(choices=["S256"], default="S256")
    state = serializers.RegexField(
        rf"^{STATE}\Z",
        trim_whitespace=False,
        min_length=8,
        max_length=512,
        help_text="Comes back with the code: drop an answer whose state is not that of this browser.",
    )
    persist_session = serializers.BooleanField(default=False)
    device_name = serializers.CharField(
        max_length=100, required=False, default="", allow_blank=True
    )
    device_fingerprint = serializers.CharField(
        max_length=128, required=False, default="", allow_blank=True
    )


class AuthorizationSerializer(serializers.Serializer[None]):
    """Open `authorization_url` in the person's own browser, within `expires_in` seconds."""

    authorization_url = serializers.URLField()
    expires_in = serializers.IntegerField()


class GoogleCallbackSerializer(StrictSerializer):
    code = serializers.CharField(max_length=LONGEST_SECRET)
    code_verifier = serializers.RegexField(rf"^{VERIFIER}\Z", max_length=128)
    redirect_uri = serializers.CharField(max_length=LONGEST_SECRET, trim_whitespace=False)
    token_delivery = serializers.ChoiceField(choices=["body", "cookie"], default="body")


class GoogleSignInView(StrangerView):
    rate_limits = (RateLimit(name="provider_sign_in", limit=30, period=900),)

    @extend_schema(
        operation_id="auth_google",
        request=GoogleSignInSerializer,
        responses={201: AuthorizationSerializer},
    )
    def post(self, request: Request) -> Response:
        """Begin a sign-in with Google. The browser comes back to `redirect_uri` with `code`, `state` and `iss`."""
        if sign_in_providers.find(sign_in_providers.GOOGLE) is None:
            raise ProviderNotConfiguredError
        asked = GoogleSignInSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        wanted = asked.validated_data
        url = handoff.begin(
            request=HandoffRequest(
                redirect_uri=wanted["redirect_uri"],
                code_challenge=wanted["code_challenge"],
                state=wanted["state"],
                device=Device(
                    name=wanted["device_name"],
                    fingerprint=wanted["device_fingerprint"],
                    persistent=wanted["persist_session"],
                ),
            )
        )
        return Response(
            {
                "authorization_url": url,
                "expires_in": settings.ENVIRONMENT.handoff_request_lifetime,
            },
            status=status.HTTP_201_CREATED,
            headers={"Cache-Control": "no-store"},
        )


class GoogleCallbackView(StrangerView):
    rate_limits = (RateLimit(name="handoff_exchange", limit=30, period=900),)

    @extend_schema(
        operation_id="auth_google_callback",
        request=GoogleCallbackSerializer,
        responses=PolymorphicProxySerializer(
            component_name="GoogleCallbackAnswer",
            serializers=[TokensSerializer, SecondFactorNeededSerializer],
            resource_type_field_name=None,
        ),
    )
    def post(self, request: Request) -> Response:
        """Exchange the code for tokens. It works once, for a minute, and is used up by whatever comes with it."""
        asked = GoogleCallbackSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        answer = handoff.exchange(
            code=asked.validated_data["code"],
            code_verifier=asked.validated_data["code_verifier"],
            redirect_uri=asked.validated_data["redirect_uri"],
        )
        if isinstance(answer, SecondFactorNeeded):
            return Response(
                {"status": "mfa_required", "mfa_token": answer.mfa_token, "methods": answer.methods}
            )
        return tokens_response(answer, delivery=asked.validated_data["token_delivery"])
