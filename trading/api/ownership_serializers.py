"""The bodies of transfers of ownership, in and out."""

from typing import Any

from rest_framework import serializers

from config.http.serializers import StrictSerializer
from trading.api.membership_serializers import MemberSerializer, permissions_field
from trading.models import OwnershipTransfer, TransferStatus


class OwnershipOfferSerializer(StrictSerializer):
    membership_id = serializers.CharField(
        max_length=64, help_text="Of the member who is to own the account."
    )
    keeps = permissions_field(
        required=False,
        allow_empty=True,
        default=list,
        help_text="What you may do with the account afterwards, as a member. Empty: nothing.",
    )


class OwnershipTransferSerializer(serializers.ModelSerializer[OwnershipTransfer]):
    """An offer of an account, to the one who gives and the one who gets."""

    id = serializers.CharField(source="public_id")
    trading_account_id = serializers.CharField(source="account.public_id")
    nickname = serializers.CharField(source="account.nickname")
    status = serializers.ChoiceField(choices=TransferStatus.choices)
    keeps = permissions_field(allow_empty=True)
    giver = MemberSerializer(source="offered_by", allow_null=True)
    receiver = MemberSerializer(source="membership.user")

    class Meta:
        model = OwnershipTransfer
        fields = (
            "id",
            "trading_account_id",
            "nickname",
            "status",
            "keeps",
            "giver",
            "receiver",
            "created_at",
            "expires_at",
            "ended_at",
        )
        read_only_fields = fields


def shown(transfers: Any, *, many: bool = False) -> Any:
    """The answer about one transfer or several."""
    return OwnershipTransferSerializer(transfers, many=many).data
