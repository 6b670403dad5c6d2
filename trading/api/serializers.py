"""The bodies of `/v1/trading-accounts`, in and out."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from config.http.serializers import StrictSerializer
from trading.brokers.base import BrokerCredentials
from trading.brokers.registry import broker_choices, get_broker
from trading.models import (
    AccountStatus,
    CredentialStatus,
    CredentialVersion,
    Permission,
    TradingAccount,
)
from trading.next_steps import NextStep, next_step, told

HEALTH = {
    AccountStatus.PENDING_LOGIN: "login_needed",
    AccountStatus.REAUTH_REQUIRED: "login_needed",
    AccountStatus.INVALID: "credentials_refused",
    AccountStatus.SUSPENDED: "suspended",
}
HEALTHS = ["ok", "sync_failing", "login_needed", "credentials_refused", "suspended"]


PRINTABLE = r"^[\x21-\x7e]{4,128}\Z"


def secret_field(help_text: str) -> serializers.RegexField:
    return serializers.RegexField(
        PRINTABLE, trim_whitespace=False, write_only=True, help_text=help_text
    )


class CredentialsSerializer(StrictSerializer):
    """Never answered back, but masked."""

    api_key = secret_field("As the broker's developer console shows it.")
    api_secret = secret_field("Sealed at once and never shown again.")


class LinkSerializer(StrictSerializer):
    broker = serializers.ChoiceField(choices=broker_choices())
    nickname = serializers.CharField(max_length=64)
    credentials = CredentialsSerializer(
        required=False, help_text="For brokers that ask a person for them: not for `paper`."
    )

    def validate(self, body: dict[str, Any]) -> dict[str, Any]:
        return with_credentials(body, broker=body["broker"])


class RotationSerializer(StrictSerializer):
    """Wants the account's `broker` in its context."""

    credentials = CredentialsSerializer(
        required=False, help_text="For brokers that ask a person for them: not for `paper`."
    )

    def validate(self, body: dict[str, Any]) -> dict[str, Any]:
        return with_credentials(body, broker=self.context["broker"])


def with_credentials(body: dict[str, Any], *, broker: str) -> dict[str, Any]:
    """The body of somebody who has brought credentials exactly where the broker asks for them."""
    asked = get_broker(broker).asks_for_credentials
    if asked and "credentials" not in body:
        raise serializers.ValidationError({"credentials": _("This field is required.")}, "required")
    if not asked and "credentials" in body:
        told = _("This broker asks for none.")
        raise serializers.ValidationError({"credentials": told}, "not_asked_for")
    return body


def broker_credentials(body: dict[str, Any]) -> BrokerCredentials | None:
    """What a validated body holds, in a value that hides it; None where the broker asks for nothing."""
    return BrokerCredentials(**body["credentials"]) if "credentials" in body else None


class RenameSerializer(StrictSerializer):
    nickname = serializers.CharField(max_length=64)


class MaskedCredentialsSerializer(serializers.ModelSerializer[CredentialVersion]):
    version = serializers.IntegerField(source="number")
    api_key = serializers.CharField(source="api_key_masked", help_text="Its last characters.")

    class Meta:
        model = CredentialVersion
        fields = ("version", "api_key", "proven_at")
        read_only_fields = fields


class ProfileSerializer(serializers.Serializer[Any]):
    """As the broker tells it; empty until the first login."""

    broker_user_id = serializers.CharField(required=False, help_text="Masked.")
    name = serializers.CharField(required=False)
    email = serializers.CharField(required=False, help_text="Masked.")
    exchanges = serializers.ListField(child=serializers.CharField(), required=False)
    products = serializers.ListField(child=serializers.CharField(), required=False)
    order_types = serializers.ListField(child=serializers.CharField(), required=False)


class MarginSerializer(serializers.Serializer[Any]):
    """Rupees as decimal strings."""

    segment = serializers.CharField()
    enabled = serializers.BooleanField()
    net = serializers.CharField()
    available_cash = serializers.CharField()
    utilised = serializers.CharField()


class AccountSerializer(serializers.ModelSerializer[TradingAccount]):
    """An account, to its owner and its members."""

    # Wants an account out of `lookup.reachable`, and the request in its context.

    id = serializers.CharField(source="public_id")
    owner_id = serializers.CharField(source="owner.public_id")
    status = serializers.SerializerMethodField()
    health = serializers.SerializerMethodField()
    next_step = serializers.SerializerMethodField()
    advice = serializers.SerializerMethodField()
    your_permissions = serializers.SerializerMethodField()
    profile = ProfileSerializer()
    margins = MarginSerializer(many=True)
    credentials = serializers.SerializerMethodField()
    pending_credentials = serializers.SerializerMethodField()

    class Meta:
        model = TradingAccount
        fields = (
            "id",
            "owner_id",
            "broker",
            "nickname",
            "status",
            "status_reason",
            "health",
            "next_step",
            "advice",
            "your_permissions",
            "profile",
            "margins",
            "credentials",
            "pending_credentials",
            "created_at",
            "linked_at",
            "last_synced_at",
            "reauth_by",
        )
        read_only_fields = fields

    @extend_schema_field(serializers.ChoiceField(choices=AccountStatus.choices))
    def get_status(self, account: TradingAccount) -> str:
        return account.status_at(timezone.now()).value

    @extend_schema_field(serializers.ChoiceField(choices=HEALTHS))
    def get_health(self, account: TradingAccount) -> str:
        failing = "sync_failing" if account.sync_error else "ok"
        return HEALTH.get(account.status_at(timezone.now()), failing)

    @extend_schema_field(serializers.ChoiceField(choices=[step.value for step in NextStep]))
    def get_next_step(self, account: TradingAccount) -> str:
        return next_step(account.status_at(timezone.now())).value

    @extend_schema_field(serializers.CharField())
    def get_advice(self, account: TradingAccount) -> str:
        """The same in a sentence, to be shown to the person."""
        return told(account.status_at(timezone.now()))

    @extend_schema_field(
        serializers.ListField(child=serializers.ChoiceField(choices=Permission.choices))
    )
    def get_your_permissions(self, account: TradingAccount) -> list[str]:
        return account.permissions_of(self.context["request"].user)

    @extend_schema_field(MaskedCredentialsSerializer)
    def get_credentials(self, account: TradingAccount) -> Any:
        """What serves, or what waits for the first login."""
        versions = {version.status: version for version in account.unretired_credentials}
        serving = versions.get(CredentialStatus.CURRENT) or versions[CredentialStatus.PENDING]
        return MaskedCredentialsSerializer(serving).data

    @extend_schema_field(MaskedCredentialsSerializer(allow_null=True))
    def get_pending_credentials(self, account: TradingAccount) -> Any:
        """What is to take its place once a login has proven it."""
        versions = {version.status: version for version in account.unretired_credentials}
        pending = versions.get(CredentialStatus.PENDING)
        if pending is None or CredentialStatus.CURRENT not in versions:
            return None
        return MaskedCredentialsSerializer(pending).data


class LoginStartedSerializer(AccountSerializer):
    """The account, and where to send its owner to log in at the broker: once, and soon."""

    login_url = serializers.SerializerMethodField()

    class Meta:
        model = TradingAccount
        fields = (*AccountSerializer.Meta.fields, "login_url")
        read_only_fields = fields

    @extend_schema_field(serializers.URLField())
    def get_login_url(self, account: TradingAccount) -> str:
        return str(self.context["login_url"])


class LoginFinishedSerializer(serializers.Serializer[TradingAccount]):
    """What the browser that comes back from the broker is told: little, for it has not signed in here."""

    id = serializers.CharField(source="public_id")
    status = serializers.CharField()
    reauth_by = serializers.DateTimeField()


class CallbackSerializer(serializers.Serializer[Any]):
    """The broker adds more parameters; these are what counts."""

    state = serializers.CharField(max_length=128)
    request_token = serializers.CharField(max_length=128)


class PermissionQuestionSerializer(StrictSerializer):
    user_id = serializers.CharField(max_length=64)
    action = serializers.RegexField(r"^[a-z0-9_]+(:[a-z0-9_]+)+\Z", max_length=128)


class ReadableCredentialsSerializer(serializers.Serializer[Any]):
    """Plaintext, for services alone."""

    trading_account_id = serializers.CharField(source="account.public_id")
    broker = serializers.CharField(source="account.broker")
    api_key = serializers.CharField(source="credentials.api_key")
    api_secret = serializers.CharField(source="credentials.api_secret")
    access_token = serializers.CharField()
    reauth_by = serializers.DateTimeField(help_text="When the access token ends at the latest.")
