"""The bodies of memberships, in and out."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from config.http.serializers import StrictSerializer
from trading.models import Membership, MembershipStatus, Permission
from trading.models.membership import STANDING


def permissions_field(*, allow_empty: bool = False, **kwargs: Any) -> serializers.ListField:
    return serializers.ListField(
        child=serializers.ChoiceField(choices=Permission.choices),
        allow_empty=allow_empty,
        max_length=len(Permission.values),
        **kwargs,
    )


class ExpirySerializer(StrictSerializer):
    expires_at = serializers.DateTimeField(
        required=False, allow_null=True, help_text="Null or left out: until it is revoked."
    )

    def validate_expires_at(self, value: datetime | None) -> datetime | None:
        if value is not None and value <= timezone.now():
            raise serializers.ValidationError("It must lie in the future.", code="past")
        return value


class InvitationSerializer(ExpirySerializer):
    email = serializers.EmailField(max_length=254)
    permissions = permissions_field()


class MembershipChangeSerializer(ExpirySerializer):
    permissions = permissions_field(required=False)


class MembershipFilterSerializer(StrictSerializer):
    status = serializers.ChoiceField(
        [(status, MembershipStatus(status).label) for status in STANDING],
        required=False,
        help_text="Invitations alone, or memberships alone.",
    )


class MemberSerializer(serializers.Serializer[Any]):
    id = serializers.CharField(source="public_id")
    name = serializers.CharField()


class MembershipSerializer(serializers.ModelSerializer[Membership]):
    """A membership, to those who manage the account and to the member. `email` is what was invited, until somebody
    accepts."""

    id = serializers.CharField(source="public_id")
    trading_account_id = serializers.CharField(source="account.public_id")
    nickname = serializers.CharField(source="account.nickname")
    owner = MemberSerializer(source="account.owner")
    user = serializers.SerializerMethodField()
    email = serializers.EmailField(source="invited_email")
    status = serializers.ChoiceField(choices=MembershipStatus.choices)
    permissions = permissions_field()

    class Meta:
        model = Membership
        fields = (
            "id",
            "trading_account_id",
            "nickname",
            "owner",
            "status",
            "permissions",
            "user",
            "email",
            "created_at",
            "accepted_at",
            "expires_at",
            "invitation_expires_at",
        )
        read_only_fields = fields

    @extend_schema_field(MemberSerializer(allow_null=True))
    def get_user(self, membership: Membership) -> Any:
        return MemberSerializer(membership.user).data if membership.user else None
