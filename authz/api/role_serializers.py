"""Role grants as JSON."""

from rest_framework import serializers

from authz.api.fields import ReasonField
from authz.models import RoleGrant
from config.http.serializers import StrictSerializer


class GrantWriteSerializer(StrictSerializer):
    reason = ReasonField()
    expires_at = serializers.DateTimeField(
        required=False, allow_null=True, default=None, help_text="Until revoked when left out."
    )


class GrantSerializer(serializers.ModelSerializer[RoleGrant]):
    id = serializers.CharField(source="public_id")
    role = serializers.CharField(source="role.name")

    class Meta:
        model = RoleGrant
        fields = ("id", "role", "granted_by", "reason", "granted_at", "expires_at")


class GrantsSerializer(serializers.Serializer[RoleGrant]):
    results = GrantSerializer(many=True)
