"""Webhooks and their deliveries as JSON."""

from typing import Any

from rest_framework import serializers

from config.http.serializers import StrictSerializer
from events.models import DeliveryState, DisabledReason, Webhook, WebhookAttempt, WebhookDelivery
from events.models.webhook import DESCRIPTION_LENGTH, URL_LENGTH
from events.services.webhooks.endpoints import IssuedWebhookSecret


class EventTypesField(serializers.ListField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            child=serializers.CharField(max_length=100),
            help_text="Types such as `user.created.v1`, or prefixes such as `user.*`; none at all means all.",
            **kwargs,
        )


class WebhookDraftSerializer(StrictSerializer):
    url = serializers.CharField(
        max_length=URL_LENGTH, help_text="`https`, on a host with public addresses alone."
    )
    event_types = EventTypesField(required=False)
    description = serializers.CharField(
        max_length=DESCRIPTION_LENGTH, allow_blank=True, required=False
    )


class WebhookChangesSerializer(StrictSerializer):
    url = serializers.CharField(max_length=URL_LENGTH, required=False)
    event_types = EventTypesField(required=False)
    description = serializers.CharField(
        max_length=DESCRIPTION_LENGTH, allow_blank=True, required=False
    )
    enabled = serializers.BooleanField(required=False)


class WebhookSerializer(serializers.ModelSerializer[Webhook]):
    id = serializers.CharField(source="public_id", read_only=True)
    client_id = serializers.CharField(
        source="owner", read_only=True, help_text="Whose it is; empty for the platform's own."
    )
    enabled = serializers.BooleanField(source="is_enabled", read_only=True)
    disabled_reason = serializers.ChoiceField(
        choices=[*DisabledReason.choices, ("", "It is enabled.")], read_only=True
    )

    class Meta:
        model = Webhook
        fields: Any = (
            "id",
            "client_id",
            "url",
            "event_types",
            "description",
            "enabled",
            "disabled_reason",
            "disabled_at",
            "failures",
            "failing_since",
            "paused_until",
            "previous_secret_until",
            "created_at",
            "updated_at",
        )
        read_only_fields = fields


class WebhookWithSecretSerializer(WebhookSerializer):
    secret = serializers.SerializerMethodField(help_text="`whsec_…`; shown here and never again.")

    class Meta(WebhookSerializer.Meta):
        fields: Any = (*WebhookSerializer.Meta.fields, "secret")
        read_only_fields = fields

    def get_secret(self, webhook: Webhook) -> str:
        issued: IssuedWebhookSecret = self.context["issued"]
        return issued.secret


class AttemptSerializer(serializers.ModelSerializer[WebhookAttempt]):
    at = serializers.DateTimeField(source="created_at", read_only=True)
    excerpt = serializers.CharField(
        read_only=True, help_text="How a refusal began, without what looks like a secret."
    )

    class Meta:
        model = WebhookAttempt
        fields = ("number", "at", "status", "error", "duration_ms", "excerpt")
        read_only_fields = fields


class DeliverySerializer(serializers.ModelSerializer[WebhookDelivery]):
    id = serializers.CharField(source="public_id", read_only=True)
    event_id = serializers.CharField(
        source="event.public_id", read_only=True, help_text="The `webhook-id` of every try."
    )
    event_type = serializers.CharField(source="event.event_type", read_only=True)
    subject = serializers.CharField(source="event.aggregate_id", read_only=True)
    state = serializers.ChoiceField(choices=DeliveryState.choices, read_only=True)

    class Meta:
        model = WebhookDelivery
        fields: Any = (
            "id",
            "event_id",
            "event_type",
            "subject",
            "state",
            "attempts",
            "status",
            "error",
            "next_attempt_at",
            "give_up_at",
            "finished_at",
            "created_at",
        )
        read_only_fields = fields


class DeliveryWithLogSerializer(DeliverySerializer):
    log = AttemptSerializer(many=True, read_only=True)

    class Meta(DeliverySerializer.Meta):
        fields: Any = (*DeliverySerializer.Meta.fields, "log")
        read_only_fields = fields


class DeliveryFilterSerializer(StrictSerializer):
    state = serializers.ChoiceField(choices=DeliveryState.choices, required=False)


class ReplaySerializer(StrictSerializer):
    begin = serializers.DateTimeField(help_text="What happened from then on …")
    end = serializers.DateTimeField(help_text="… and before then.")
    include_delivered = serializers.BooleanField(default=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["begin"] >= attrs["end"]:
            raise serializers.ValidationError({"end": "After the beginning."})
        return attrs


class ReplayedSerializer(serializers.Serializer[Any]):
    deliveries = serializers.IntegerField(help_text="How many are made again.")
