"""The bodies of `/v1/auth`, in and out."""

from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.devices import device_and_place
from accounts.models import Session, User
from accounts.models.user import validate_phone, validate_timezone
from accounts.services.risk.assessment import Level, level_of
from accounts.services.tokens import TokenPair
from accounts.user_agents import describe
from config.http.serializers import StrictSerializer
from mfa.api.serializers import AssertionSerializer

LONGEST_SECRET = 1024  # of anything that a body may carry as a token or password


def password_field() -> serializers.CharField:
    return serializers.CharField(max_length=LONGEST_SECRET, trim_whitespace=False, write_only=True)


def demand_one_of(attrs: dict[str, Any], *names: str) -> dict[str, Any]:
    """`attrs`, if it has exactly one of the proofs that `names` lists. Raises ValidationError."""
    if sum(name in attrs for name in names) != 1:
        raise serializers.ValidationError(f"Send one of {', '.join(names)}.", code="one_of")
    return attrs


class RegistrationSerializer(StrictSerializer):
    email = serializers.EmailField(max_length=254)
    password = password_field()
    name = serializers.CharField(max_length=150)
    phone = serializers.CharField(max_length=16, required=False, validators=[validate_phone])
    timezone = serializers.CharField(max_length=64, required=False, validators=[validate_timezone])
    locale = serializers.ChoiceField(choices=settings.LANGUAGES, required=False)


class EmailSerializer(StrictSerializer):
    email = serializers.EmailField(max_length=254)


class SingleUseTokenSerializer(StrictSerializer):
    token = serializers.CharField(max_length=LONGEST_SECRET)


class LoginSerializer(StrictSerializer):
    email = serializers.EmailField(max_length=254)
    password = password_field()
    persist_session = serializers.BooleanField(default=False)
    device_name = serializers.CharField(
        max_length=100, required=False, default="", allow_blank=True
    )
    device_fingerprint = serializers.CharField(
        max_length=128, required=False, default="", allow_blank=True
    )
    token_delivery = serializers.ChoiceField(
        choices=["body", "cookie"],
        default="body",
        help_text="`cookie` keeps the refresh token from scripts: it travels in `__Host-refresh_token` alone.",
    )


class MfaTokenSerializer(StrictSerializer):
    mfa_token = serializers.CharField(max_length=LONGEST_SECRET)


class SecondFactorSerializer(MfaTokenSerializer):
    code = serializers.CharField(
        max_length=32, required=False, help_text="Of an authenticator app, or a backup code."
    )
    webauthn = AssertionSerializer(
        required=False, help_text="A passkey's answer to the options of `/v1/auth/mfa/options`."
    )
    token_delivery = serializers.ChoiceField(choices=["body", "cookie"], default="body")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        return demand_one_of(attrs, "code", "webauthn")


class PasskeyLoginSerializer(StrictSerializer):
    credential = AssertionSerializer(
        help_text="A passkey's answer to the options of `/v1/auth/passkey/options`."
    )
    persist_session = serializers.BooleanField(default=False)
    device_name = serializers.CharField(
        max_length=100, required=False, default="", allow_blank=True
    )
    device_fingerprint = serializers.CharField(
        max_length=128, required=False, default="", allow_blank=True
    )
    token_delivery = serializers.ChoiceField(choices=["body", "cookie"], default="body")


class RefreshSerializer(StrictSerializer):
    refresh_token = serializers.CharField(
        max_length=LONGEST_SECRET,
        required=False,
        help_text="Left out by clients that hold it in the cookie.",
    )


class LogoutSerializer(StrictSerializer):
    all_devices = serializers.BooleanField(default=False)


class StepUpSerializer(StrictSerializer):
    code = serializers.CharField(max_length=32, required=False)
    password = serializers.CharField(
        max_length=LONGEST_SECRET, trim_whitespace=False, required=False
    )

    webauthn = AssertionSerializer(
        required=False, help_text="A passkey's answer to the options of `/v1/auth/step-up/options`."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        return demand_one_of(attrs, "code", "password", "webauthn")


class PasswordChangeSerializer(StrictSerializer):
    current_password = password_field()
    new_password = password_field()


class PasswordResetSerializer(StrictSerializer):
    token = serializers.CharField(max_length=LONGEST_SECRET)
    new_password = password_field()


class UserSerializer(serializers.ModelSerializer[User]):
    """A person, to themself and to staff."""

    id = serializers.CharField(source="public_id", read_only=True)

    class Meta:
        model = User
        fields = (
            "id",
            "email",
            "name",
            "phone",
            "timezone",
            "locale",
            "status",
            "erasure_due_at",
            "email_verified_at",
            "created_at",
        )
        read_only_fields = fields


class TokensSerializer(serializers.Serializer[TokenPair]):
    """The answer of every way in. Times in seconds."""

    access_token = serializers.CharField()
    token_type = serializers.SerializerMethodField()
    expires_in = serializers.IntegerField()
    refresh_token = serializers.CharField(
        required=False, help_text="Absent when it travels in the cookie."
    )
    refresh_expires_in = serializers.IntegerField(required=False)
    session_id = serializers.CharField(source="session.public_id")
    user = UserSerializer(source="session.user")

    def get_token_type(self, pair: TokenPair) -> str:
        return "Bearer"

    def to_representation(self, instance: TokenPair) -> dict[str, Any]:
        document = super().to_representation(instance)
        return {name: value for name, value in document.items() if value is not None}


class SecondFactorNeededSerializer(serializers.Serializer[Any]):
    """The password was right and a second factor is wanted: `POST /v1/auth/mfa/verify`."""

    status = serializers.ChoiceField(choices=["mfa_required"])
    mfa_token = serializers.CharField()
    methods = serializers.ListField(child=serializers.CharField())


class ReopeningOfferedSerializer(serializers.Serializer[Any]):
    """The password was right, and the person has closed the account: `POST /v1/auth/reopen` takes that back."""

    status = serializers.ChoiceField(choices=["account_closed"])
    reopening_token = serializers.CharField()
    erasure_due_at = serializers.DateTimeField(help_text="Until then it can be taken back.")
    methods = serializers.ListField(
        child=serializers.CharField(), help_text="Second factors, one of which is asked for."
    )


class ReopeningSerializer(StrictSerializer):
    reopening_token = serializers.CharField(max_length=LONGEST_SECRET)
    code = serializers.CharField(
        max_length=32, required=False, default="", help_text="For those who have a second factor."
    )


class SessionSerializer(serializers.ModelSerializer[Session]):
    """A device that is signed in."""

    id = serializers.CharField(source="public_id", read_only=True)
    current = serializers.SerializerMethodField(
        help_text="Whether it is the session of this very request."
    )
    device = serializers.SerializerMethodField(
        help_text="Device and place in plain words: `Chrome on Windows, Pune`."
    )
    browser = serializers.SerializerMethodField()
    os = serializers.SerializerMethodField()
    risk = serializers.SerializerMethodField(
        help_text="How unusual the sign-in was; null where nobody assessed it."
    )

    class Meta:
        model = Session
        fields = (
            "id",
            "current",
            "method",
            "device",
            "device_name",
            "browser",
            "os",
            "ip",
            "country",
            "city",
            "risk",
            "created_at",
            "last_active_at",
            "expires_at",
            "acr",
        )
        read_only_fields = fields

    def get_device(self, session: Session) -> str:
        return device_and_place(session.user_agent, session.country, session.city)

    @extend_schema_field(serializers.ChoiceField(choices=[*Level], allow_null=True))
    def get_risk(self, session: Session) -> str | None:
        return None if session.risk_score is None else level_of(session.risk_score).value

    def get_browser(self, session: Session) -> str:
        return describe(session.user_agent).browser

    def get_os(self, session: Session) -> str:
        return describe(session.user_agent).os

    def get_current(self, session: Session) -> bool:
        principal = self.context["request"].auth
        return bool(principal.session_id == session.public_id)


class StatusSerializer(serializers.Serializer[Any]):
    status = serializers.CharField()


class EndedSerializer(serializers.Serializer[Any]):
    sessions_revoked = serializers.IntegerField()
