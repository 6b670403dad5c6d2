"""Recorded decisions as JSON, and what may be asked of them."""

from collections.abc import Callable
from typing import Any

from rest_framework import serializers

from authz.engine.references import LONGEST
from authz.engine.verdict import Reason
from authz.models import DecisionRecord
from authz.models.decision import DecisionRecordQuerySet
from config.http.serializers import SpanSerializer


class DecisionFilterSerializer(SpanSerializer):
    """The query parameters of the list."""

    subject = serializers.CharField(
        required=False, max_length=LONGEST, help_text="Such as `user:usr_…`."
    )
    action = serializers.CharField(required=False, max_length=LONGEST)
    resource = serializers.CharField(required=False, max_length=LONGEST)
    policy = serializers.CharField(
        required=False, max_length=100, help_text="The name of the policy that decided."
    )
    decision = serializers.ChoiceField(choices=["allow", "deny"], required=False)
    reason = serializers.ChoiceField(choices=[reason.value for reason in Reason], required=False)

    def narrowed(self, rows: DecisionRecordQuerySet) -> DecisionRecordQuerySet:
        """`rows` without those that the question, which must be valid, leaves out."""
        for name, value in self.validated_data.items():
            rows = STEPS[name](rows, value)
        return rows


STEPS: dict[str, Callable[[DecisionRecordQuerySet, Any], DecisionRecordQuerySet]] = {
    "subject": DecisionRecordQuerySet.about,
    "action": DecisionRecordQuerySet.with_action,
    "resource": DecisionRecordQuerySet.with_resource,
    "policy": DecisionRecordQuerySet.decided_by,
    "decision": DecisionRecordQuerySet.with_decision,
    "reason": DecisionRecordQuerySet.with_reason,
    "since": DecisionRecordQuerySet.since,
    "until": DecisionRecordQuerySet.until,
}


class DecisionRecordSerializer(serializers.ModelSerializer[DecisionRecord]):
    id = serializers.CharField(source="public_id")
    decision = serializers.SerializerMethodField()
    policy = serializers.SerializerMethodField()
    context: Any = serializers.DictField()
    left_out = serializers.ListField(
        child=serializers.CharField(),
        help_text="What was known and is not whole here, such as `context.token`.",
    )

    class Meta:
        model = DecisionRecord
        fields = (
            "id",
            "decided_at",
            "subject",
            "action",
            "resource",
            "context",
            "decision",
            "reason",
            "policy",
            "policy_version",
            "fingerprint",
            "source",
            "request_id",
            "left_out",
        )

    def get_decision(self, record: DecisionRecord) -> str:
        return "allow" if record.allowed else "deny"

    def get_policy(self, record: DecisionRecord) -> str | None:
        return record.policy or None
