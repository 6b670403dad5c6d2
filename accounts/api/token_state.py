"""Introspection (RFC 7662) and revocation (RFC 7009)."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, cast

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.authentication import BearerAuthentication
from accounts.api.client_authentication import ClientAuthentication, note_client
from accounts.api.client_credentials import (
    ASSERTION_TYPE,
    TokenFormParser,
    presented_credentials,
)
from accounts.errors import InvalidTokenRequestError
from accounts.services import client_authentication, introspection, revocation
from accounts.services.tokens import FIRST_PARTY
from config.http.permissions import RequireScope, RequireService
from config.http.ratelimit import RateLimit
from config.http.views import APIView

FORM = "application/x-www-form-urlencoded"
CREDENTIALS = {"client_id", "client_secret", "client_assertion", "client_assertion_type"}


class TokenFormSerializer(serializers.Serializer[Any]):
    """For the OpenAPI document: the form itself is read as RFC 6749 wants it."""

    token = serializers.CharField()
    token_type_hint = serializers.CharField(
        required=False, help_text="Not needed: a token shows what kind it is."
    )
    client_id = serializers.CharField(required=False)
    client_secret = serializers.CharField(required=False)
    client_assertion_type = serializers.ChoiceField(choices=[ASSERTION_TYPE], required=False)
    client_assertion = serializers.CharField(required=False)


class IntrospectionSerializer(serializers.Serializer[Any]):
    """RFC 7662 section 2.2. Only `active` is always there."""

    active = serializers.BooleanField()
    token_type = serializers.ChoiceField(
        choices=["Bearer", introspection.NO_ACCESS_TOKEN],
        required=False,
        help_text="`N_A` is a refresh token, which opens no service.",
    )
    iss = serializers.CharField(required=False)
    sub = serializers.CharField(required=False)
    aud = serializers.CharField(required=False)
    client_id = serializers.CharField(required=False)
    scope = serializers.CharField(required=False, help_text="What is left of it now.")
    exp = serializers.IntegerField(required=False)
    iat = serializers.IntegerField(required=False)
    jti = serializers.CharField(required=False)
    sid = serializers.CharField(required=False, help_text="The session of a person.")
    acr = serializers.CharField(required=False)
    amr = serializers.ListField(child=serializers.CharField(), required=False)
    auth_time = serializers.IntegerField(required=False)
    cnf = serializers.DictField(
        child=serializers.CharField(),
        required=False,
        help_text="`x5t#S256`: the certificate without which the token is not good (RFC 8705).",
    )


class IntrospectView(APIView):
    """`POST /v1/oauth/introspect`"""

    authentication_classes = (ClientAuthentication, BearerAuthentication)
    permission_classes = (RequireService, RequireScope("introspect"))
    parser_classes = (TokenFormParser,)

    @extend_schema(
        operation_id="oauth_introspect",
        summary="Whether a token holds now, and what it says",
        description="RFC 7662, for service clients with the scope `introspect`, by their secret, an assertion or a "
        "bearer token. A token that is not good is `active: false`, whatever is wrong with it, and never an error.",
        request={FORM: TokenFormSerializer},
        responses=IntrospectionSerializer,
    )
    def post(self, request: Request) -> Response:
        return Response(introspection.introspect(token=_token_in(request)))


class RevokeView(APIView):
    """`POST /v1/oauth/revoke`"""

    authentication_classes = ()
    permission_classes = ()
    parser_classes = (TokenFormParser,)
    rate_limits: ClassVar[Sequence[RateLimit]] = (
        RateLimit(name="oauth-revoke-ip", limit=120, period=60),
    )

    @extend_schema(
        operation_id="oauth_revoke",
        summary="Take a token back",
        description="RFC 7009. A service client revokes its own access tokens. A person's refresh or access token is "
        f"revoked with `client_id={FIRST_PARTY}` and no secret, and ends the session. 200 also for a token that is not "
        "good any more or never was.",
        request={FORM: TokenFormSerializer},
        responses={200: None},
        auth=[],
    )
    def post(self, request: Request) -> Response:
        token = _token_in(request)
        revocation.revoke(token=token, client_id=_client_of(request))
        return Response(status=200)


def _token_in(request: Request) -> str:
    token = _form(request).get("token")
    if token is None:
        raise InvalidTokenRequestError("The parameter token is missing.")
    return token


def _client_of(request: Request) -> str:
    """The service client that proves itself, or our first-party client, which is public and only says its name."""
    form = _form(request)
    authorization = request.headers.get("Authorization")
    given = CREDENTIALS & set(form)
    if authorization is None and given == {"client_id"} and form["client_id"] == FIRST_PARTY:
        return FIRST_PARTY
    client = client_authentication.authenticate(presented_credentials(authorization, form))
    note_client(client)
    return client.client_id


def _form(request: Request) -> Mapping[str, str]:
    return cast("Mapping[str, str]", request.data)
