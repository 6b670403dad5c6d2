"""`/v1/users/me/api-keys`: the keys of the caller's own programs."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import ApiKey
from accounts.models.api_key import MOST_NETWORKS, NAME_LENGTH, ApiKeyScope
from accounts.services import api_keys
from config.http.permissions import RequireStepUp, RequireUser
from config.http.ratelimit import RateLimit, by_caller
from config.http.serializers import StrictSerializer
from config.http.views import APIView


class ApiKeySerializer(serializers.ModelSerializer[ApiKey]):
    """A key without its secret."""

    id = serializers.CharField(source="public_id", read_only=True)
    scopes = serializers.ListField(child=serializers.ChoiceField(choices=ApiKeyScope.choices))
    allowed_networks = serializers.ListField(
        source="networks", child=serializers.CharField(), help_text="Empty: from anywhere."
    )
    hint = serializers.CharField(help_text="Its last characters.")

    class Meta:
        model = ApiKey
        fields: ClassVar[tuple[str, ...]] = (
            "id",
            "name",
            "hint",
            "scopes",
            "allowed_networks",
            "created_at",
            "expires_at",
            "last_used_at",
            "last_used_ip",
        )
        read_only_fields = fields


class NewApiKeySerializer(StrictSerializer):
    name = serializers.CharField(max_length=NAME_LENGTH, help_text="For you to know it by.")
    scopes = serializers.ListField(
        child=serializers.ChoiceField(choices=ApiKeyScope.choices),
        allow_empty=False,
        max_length=len(ApiKeyScope),
    )
    allowed_networks = serializers.ListField(
        child=serializers.CharField(max_length=43),
        default=list,
        max_length=MOST_NETWORKS,
        help_text="CIDR networks that it may be used from, such as `203.0.113.0/24`; empty for anywhere.",
    )
    expires_at = serializers.DateTimeField(
        required=False, help_text="Left out: the default of this installation."
    )


class IssuedApiKeySerializer(ApiKeySerializer):
    """A new key, and its `secret`, which is shown here and never again."""

    secret = serializers.CharField(read_only=True)

    class Meta(ApiKeySerializer.Meta):
        fields: ClassVar[tuple[str, ...]] = (*ApiKeySerializer.Meta.fields, "secret")
        read_only_fields = fields

    def to_representation(self, instance: ApiKey) -> dict[str, Any]:
        return {**super().to_representation(instance), "secret": self.context["secret"]}


class ApiKeysView(APIView, GenericAPIView):  # type: ignore[type-arg]
    serializer_class = ApiKeySerializer
    queryset = ApiKey.objects.none()
    rate_limits = (RateLimit(name="api_keys", limit=300, period=3600, key=by_caller),)

    def get_permissions(self) -> list[Any]:
        return [RequireStepUp()] if self.request.method == "POST" else [RequireUser()]

    @extend_schema(operation_id="users_me_api_keys_list", responses=ApiKeySerializer(many=True))
    def get(self, request: Request) -> Response:
        """The caller's keys that were not revoked, newest first; those that have run out among them."""
        page = self.paginate_queryset(ApiKey.objects.for_user(request.user.pk).unrevoked())
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(
        operation_id="users_me_api_keys_create",
        request=NewApiKeySerializer,
        responses={201: IssuedApiKeySerializer},
    )
    def post(self, request: Request) -> Response:
        """Make a key. Its `secret` is in this answer and nowhere else. Wants a fresh second factor."""
        asked = NewApiKeySerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        issued = api_keys.create(
            user=request.user,  # type: ignore[arg-type]
            name=asked.validated_data["name"],
            scopes=asked.validated_data["scopes"],
            networks=asked.validated_data["allowed_networks"],
            expires_at=asked.validated_data.get("expires_at"),
        )
        shown = IssuedApiKeySerializer(issued.key, context={"secret": issued.secret})
        return Response(shown.data, status=status.HTTP_201_CREATED)


class ApiKeyView(APIView):
    permission_classes = (RequireStepUp,)

    @extend_schema(operation_id="users_me_api_keys_revoke", responses={204: None})
    def delete(self, request: Request, key_id: str) -> Response:
        """Revoke a key, at once. Wants a fresh second factor."""
        api_keys.revoke_own(user=request.user, key_id=key_id)  # type: ignore[arg-type]
        return Response(status=status.HTTP_204_NO_CONTENT)
