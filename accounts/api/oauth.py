"""The token endpoint (RFC 6749) for service clients."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, cast

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.client_authentication import note_client
from accounts.api.client_credentials import (
    ASSERTION_TYPE,
    OAuthFormParser,
    presented_credentials,
)
from accounts.errors import InvalidTokenRequestError, UnsupportedGrantTypeError
from accounts.models import ServiceClient
from accounts.services import client_authentication, service_tokens
from config.http import ratelimit
from config.http.ratelimit import RateLimit
from config.http.views import APIView

GRANT_TYPE = "client_credentials"


class ClientCredentialsSerializer(serializers.Serializer[Any]):
    """For the OpenAPI document: the form itself is read as RFC 6749 wants it."""

    grant_type = serializers.ChoiceField(choices=[GRANT_TYPE])
    scope = serializers.CharField(
        required=False, help_text="With spaces between; left out: all that the client was given."
    )
    client_id = serializers.CharField(
        required=False, help_text="Unless the client uses HTTP Basic."
    )
    client_secret = serializers.CharField(required=False)
    client_assertion_type = serializers.ChoiceField(choices=[ASSERTION_TYPE], required=False)
    client_assertion = serializers.CharField(
        required=False, help_text="A JWT that the client has signed (RFC 7523 section 2.2)."
    )


class TokenResponseSerializer(serializers.Serializer[Any]):
    """RFC 6749 section 5.1."""

    access_token = serializers.CharField()
    token_type = serializers.ChoiceField(choices=["Bearer"])
    expires_in = serializers.IntegerField(help_text="Seconds.")
    scope = serializers.CharField()


class TokenView(APIView):
    """`POST /v1/oauth/token`"""

    authentication_classes = ()
    permission_classes = ()
    parser_classes = (OAuthFormParser,)
    rate_limits: ClassVar[Sequence[RateLimit]] = (
        RateLimit(name="oauth-token-ip", limit=120, period=60),
    )

    @extend_schema(
        operation_id="oauth_token",
        summary="A service client's access token",
        description="The client credentials grant of RFC 6749, with `client_secret_basic`, `client_secret_post` or "
        "`private_key_jwt`. "
        "Errors are problem documents with the members `error` and `error_description` of section 5.2.",
        request={"application/x-www-form-urlencoded": ClientCredentialsSerializer},
        responses=TokenResponseSerializer,
        auth=[],
    )
    def post(self, request: Request) -> Response:
        form = cast("Mapping[str, str]", request.data)
        grant_type = form.get("grant_type")
        if grant_type is None:
            raise InvalidTokenRequestError("The parameter grant_type is missing.")
        if grant_type != GRANT_TYPE:
            raise UnsupportedGrantTypeError(f"Only {GRANT_TYPE} is supported.")
        client = client_authentication.authenticate(
            presented_credentials(request.headers.get("Authorization"), form)
        )
        self._admit(request, client)
        granted = service_tokens.grant(client=client, scope=form.get("scope", ""))
        return Response(
            {
                "access_token": granted.issued.token,
                "token_type": "Bearer",
                "expires_in": granted.issued.expires_in,
                "scope": " ".join(granted.scopes),
            },
            headers={"Cache-Control": "no-store", "Pragma": "no-cache"},
        )

    def _admit(self, request: Request, client: ServiceClient) -> None:
        """Its own limit counts from here on, which a stranger cannot use up for it."""
        note_client(client)
        limit = RateLimit(
            name="oauth-token-client", limit=60, period=60, key=lambda _: client.client_id
        )
        self.usages = [*self.usages, *ratelimit.enforce(request, [limit])]
