"""What `/v1/mfa` reads and answers."""

from typing import Any

from rest_framework import serializers

from config.http.serializers import StrictSerializer
from mfa.models import Passkey, TotpDevice

LONGEST_PART = 16_384  # of a credential, in characters of base64url


class FactorSerializer(serializers.Serializer[Any]):
    id = serializers.CharField(source="public_id")
    type = serializers.SerializerMethodField(help_text="`totp` or `passkey`.")
    name = serializers.CharField()
    blocked = serializers.SerializerMethodField(
        help_text="A passkey that was found to exist twice; remove it."
    )
    created_at = serializers.DateTimeField()
    last_used_at = serializers.DateTimeField(allow_null=True)

    def get_type(self, factor: TotpDevice | Passkey) -> str:
        return "passkey" if isinstance(factor, Passkey) else "totp"

    def get_blocked(self, factor: TotpDevice | Passkey) -> bool:
        return isinstance(factor, Passkey) and factor.blocked_at is not None


class FactorsSerializer(serializers.Serializer[Any]):
    devices = FactorSerializer(many=True)
    backup_codes_left = serializers.IntegerField(min_value=0)


class EnrolmentSerializer(serializers.Serializer[Any]):
    secret = serializers.CharField(help_text="Base 32, for apps that cannot scan.")
    otpauth_uri = serializers.CharField()
    qr_svg = serializers.CharField(help_text="The URI as a QR code: an SVG element.")


class TotpCodeSerializer(StrictSerializer):
    code = serializers.RegexField(r"^[0-9]{3} ?[0-9]{3}$", max_length=16)


class BackupCodesSerializer(serializers.Serializer[Any]):
    backup_codes = serializers.ListField(
        child=serializers.CharField(),
        help_text="Empty when there are codes already: they come with the first factor.",
    )


def base64url_field(**options: Any) -> serializers.RegexField:
    return serializers.RegexField(r"^[A-Za-z0-9_-]+\Z", max_length=LONGEST_PART, **options)


class PublicKeyOptionsSerializer(serializers.Serializer[Any]):
    """For `PublicKeyCredential.parseCreationOptionsFromJSON` or `parseRequestOptionsFromJSON` of the browser."""

    public_key = serializers.DictField(help_text="As Web Authentication Level 3 defines it.")


class CredentialSerializer(serializers.Serializer[Any]):
    """What both ceremonies have in common. Members that browsers add are left aside."""

    id = base64url_field()
    rawId = base64url_field()  # noqa: N815 - the names are the standard's
    type = serializers.RegexField(r"^public-key\Z", max_length=16)


class AttestationSerializer(CredentialSerializer):
    """`PublicKeyCredential.toJSON()` after `navigator.credentials.create`."""

    class AttestationResponseSerializer(serializers.Serializer[Any]):
        clientDataJSON = base64url_field()  # noqa: N815
        attestationObject = base64url_field()  # noqa: N815
        transports = serializers.ListField(
            child=serializers.CharField(max_length=32), max_length=16, required=False
        )

    response = AttestationResponseSerializer()


class AssertionSerializer(CredentialSerializer):
    """`PublicKeyCredential.toJSON()` after `navigator.credentials.get`."""

    class AssertionResponseSerializer(serializers.Serializer[Any]):
        clientDataJSON = base64url_field()  # noqa: N815
        authenticatorData = base64url_field()  # noqa: N815
        signature = base64url_field()
        userHandle = base64url_field(required=False, allow_null=True)  # noqa: N815

    response = AssertionResponseSerializer()


def passkey_name(**options: Any) -> serializers.CharField:
    return serializers.CharField(max_length=64, **options)


class NewPasskeySerializer(StrictSerializer):
    credential = AttestationSerializer()
    name = passkey_name(required=False, default="", allow_blank=True)


class PasskeyNameSerializer(StrictSerializer):
    name = passkey_name()


class AddedPasskeySerializer(BackupCodesSerializer):
    passkey = FactorSerializer()
