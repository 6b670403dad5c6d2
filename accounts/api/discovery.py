"""What verifiers and clients read before anything else: our public keys and our metadata."""

import hashlib
from typing import Any

import orjson
from django.conf import settings
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.cache import get_conditional_response
from drf_spectacular.utils import (
    PolymorphicProxySerializer,
    extend_schema,
    extend_schema_field,
    extend_schema_view,
)
from rest_framework import serializers
from rest_framework.request import Request

from accounts.api.oauth import GRANT_TYPE
from accounts.models.service_client import ServiceScope
from accounts.services import token_trust
from accounts.services.client_jwks import ALGORITHMS
from config.http.views import APIView

AUTH_METHODS = ("client_secret_basic", "client_secret_post", "private_key_jwt")


class JwkSerializer(serializers.Serializer[Any]):
    """RFC 7517 section 4: what keys of every type have."""

    kid = serializers.CharField(help_text="The RFC 7638 thumbprint.")
    use = serializers.ChoiceField(choices=["sig"])


class RsaJwkSerializer(JwkSerializer):
    """RFC 7518 section 6.3."""

    kty = serializers.ChoiceField(choices=["RSA"])
    alg = serializers.ChoiceField(choices=["RS256"])
    n = serializers.CharField()
    e = serializers.CharField()


class EcJwkSerializer(JwkSerializer):
    """RFC 7518 section 6.2."""

    kty = serializers.ChoiceField(choices=["EC"])
    alg = serializers.ChoiceField(choices=["ES256"])
    crv = serializers.ChoiceField(choices=["P-256"])
    x = serializers.CharField()
    y = serializers.CharField()


class OkpJwkSerializer(JwkSerializer):
    """RFC 8037 section 2."""

    kty = serializers.ChoiceField(choices=["OKP"])
    alg = serializers.ChoiceField(choices=["EdDSA"])
    crv = serializers.ChoiceField(choices=["Ed25519"])
    x = serializers.CharField()


@extend_schema_field(
    PolymorphicProxySerializer(
        component_name="Jwk",
        serializers=[RsaJwkSerializer, EcJwkSerializer, OkpJwkSerializer],
        resource_type_field_name=None,
        many=True,
    )
)
class JwksField(serializers.ListField):
    """Keys of any type that we sign with."""


class JwkSetSerializer(serializers.Serializer[Any]):
    keys = JwksField()


class MetadataSerializer(serializers.Serializer[Any]):
    """RFC 8414 section 2, RFC 8705 section 3.3."""

    issuer = serializers.URLField()
    token_endpoint = serializers.URLField()
    jwks_uri = serializers.URLField()
    grant_types_supported = serializers.ListField(child=serializers.CharField())
    response_types_supported = serializers.ListField(child=serializers.CharField())
    scopes_supported = serializers.ListField(child=serializers.CharField())
    token_endpoint_auth_methods_supported = serializers.ListField(child=serializers.CharField())
    token_endpoint_auth_signing_alg_values_supported = serializers.ListField(
        child=serializers.CharField()
    )
    introspection_endpoint = serializers.URLField()
    introspection_endpoint_auth_methods_supported = serializers.ListField(
        child=serializers.CharField()
    )
    introspection_endpoint_auth_signing_alg_values_supported = serializers.ListField(
        child=serializers.CharField()
    )
    revocation_endpoint = serializers.URLField()
    revocation_endpoint_auth_methods_supported = serializers.ListField(
        child=serializers.CharField()
    )
    revocation_endpoint_auth_signing_alg_values_supported = serializers.ListField(
        child=serializers.CharField()
    )
    tls_client_certificate_bound_access_tokens = serializers.BooleanField()


class PublishedDocument(APIView):
    """A public JSON document that others may keep for `jwks_max_age` seconds and then ask for by its ETag."""

    authentication_classes = ()
    permission_classes = ()

    def document(self) -> dict[str, Any]:
        """What a subclass publishes."""
        raise NotImplementedError

    def answer(self, request: Request) -> HttpResponseBase:
        body = orjson.dumps(self.document(), option=orjson.OPT_SORT_KEYS)
        etag = f'"{hashlib.sha256(body).hexdigest()}"'
        response = HttpResponse(
            body,
            content_type="application/json",
            headers={
                "Cache-Control": f"public, max-age={settings.ENVIRONMENT.jwks_max_age}",
                "ETag": etag,
            },
        )
        return get_conditional_response(request._request, etag=etag, response=response) or response


class JwksView(PublishedDocument):
    """`GET /.well-known/jwks.json`: the keys that sign, are about to sign, or signed tokens that still live."""

    @extend_schema(
        operation_id="jwks", summary="Our public keys", responses=JwkSetSerializer, auth=[]
    )
    def get(self, request: Request) -> HttpResponseBase:
        return self.answer(request)

    def document(self) -> dict[str, Any]:
        keys = token_trust.current().keys
        return {"keys": [keys[kid].public_jwk for kid in sorted(keys)]}


@extend_schema_view(get=extend_schema(operation_id="jwks_v1"))
class VersionedJwksView(JwksView):
    """`GET /v1/.well-known/jwks.json`: the same document."""


class AuthorizationServerMetadataView(PublishedDocument):
    """`GET /.well-known/oauth-authorization-server`"""

    @extend_schema(
        operation_id="oauth_metadata",
        summary="What our authorization server can do",
        responses=MetadataSerializer,
        auth=[],
    )
    def get(self, request: Request) -> HttpResponseBase:
        return self.answer(request)

    def document(self) -> dict[str, Any]:
        base = settings.ENVIRONMENT.public_url
        return {
            "issuer": base,
            "token_endpoint": base + reverse("oauth-token"),
            "jwks_uri": base + reverse("jwks"),
            "grant_types_supported": [GRANT_TYPE],
            # Required even of a server without an authorization endpoint, which knows no response type.
            "response_types_supported": [],
            "scopes_supported": sorted(ServiceScope.values),
            "token_endpoint_auth_methods_supported": [*AUTH_METHODS],
            "token_endpoint_auth_signing_alg_values_supported": [*ALGORITHMS],
            "introspection_endpoint": base + reverse("oauth-introspect"),
            "introspection_endpoint_auth_methods_supported": [*AUTH_METHODS, "Bearer"],
            "introspection_endpoint_auth_signing_alg_values_supported": [*ALGORITHMS],
            "revocation_endpoint": base + reverse("oauth-revoke"),
            "revocation_endpoint_auth_methods_supported": [*AUTH_METHODS, "none"],
            "revocation_endpoint_auth_signing_alg_values_supported": [*ALGORITHMS],
            "tls_client_certificate_bound_access_tokens": (
                settings.ENVIRONMENT.client_certificate_header is not None
            ),
        }
