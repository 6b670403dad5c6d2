"""What `/v1/mfa` reads and answers."""

from typing import Any

from rest_framework import serializers

from config.http.serializers import StrictSerializer


class FactorSerializer(serializers.Serializer[Any]):
    id = serializers.CharField(source="public_id")
    type = serializers.CharField(default="totp", read_only=True, help_text="`totp`.")
    name = serializers.CharField()
    created_at = serializers.DateTimeField()
    last_used_at = serializers.DateTimeField(allow_null=True)


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
    backup_codes = serializers.ListField(child=serializers.CharField())
