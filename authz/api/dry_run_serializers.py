"""Dry runs as JSON."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from authz.api.fields import ObjectField, TextField
from authz.services.dry_runs import Change
from config.http.serializers import SpanSerializer


class DryRunWriteSerializer(SpanSerializer):
    document = ObjectField(required=False, help_text="The draft; left out, `policy` is removed.")
    policy = TextField(
        required=False, max_length=64, help_text="The policy that the draft replaces: `pol_…`."
    )


class OutcomeSerializer(serializers.Serializer[Any]):
    decision = serializers.ChoiceField(choices=["allow", "deny"])
    policy = serializers.CharField(allow_null=True)


class ExampleSerializer(serializers.Serializer[Change]):
    id = serializers.CharField(source="record.public_id")
    decided_at = serializers.DateTimeField(source="record.decided_at")
    action = serializers.CharField(source="record.action")
    resource = serializers.CharField(source="record.resource")
    before = serializers.SerializerMethodField()
    after = serializers.SerializerMethodField()

    @extend_schema_field(OutcomeSerializer)
    def get_before(self, change: Change) -> dict[str, Any]:
        return _outcome(not change.allowed_after, change.before)

    @extend_schema_field(OutcomeSerializer)
    def get_after(self, change: Change) -> dict[str, Any]:
        return _outcome(change.allowed_after, change.after)


class SubjectChangesSerializer(serializers.Serializer[Any]):
    subject = serializers.CharField()
    allow_to_deny = serializers.IntegerField()
    deny_to_allow = serializers.IntegerField()
    examples = ExampleSerializer(many=True)


class DryRunSerializer(serializers.Serializer[Any]):
    replayed = serializers.IntegerField(help_text="Records that were decided again.")
    not_replayed = serializers.IntegerField(
        help_text="Records without an attribute that a policy looks at: secret, or too large to be recorded."
    )
    already_different = serializers.IntegerField(
        help_text="Of those replayed, how many today's policies decide otherwise than it was decided then."
    )
    complete = serializers.BooleanField(help_text="Whether the whole window was replayed.")
    oldest = serializers.DateTimeField(
        allow_null=True, help_text="The oldest record that was looked at."
    )
    allows_recorded = serializers.FloatField(
        help_text="The share of allows that is recorded; denials all are."
    )
    allow_to_deny = serializers.IntegerField()
    deny_to_allow = serializers.IntegerField()
    subjects = SubjectChangesSerializer(
        many=True, help_text="Those with the most changes first, up to fifty."
    )


def _outcome(allowed: bool, policy: str) -> dict[str, Any]:
    return {"decision": "allow" if allowed else "deny", "policy": policy or None}
