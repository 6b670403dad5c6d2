"""Policies as JSON."""

from typing import Any

from rest_framework import serializers

from authz.api.fields import ObjectField, ReasonField
from authz.models import Policy, PolicyCase, PolicyVersion
from config.http.serializers import StrictSerializer


def break_cases_field() -> serializers.BooleanField:
    """Whether the change goes ahead although cases break."""
    return serializers.BooleanField(
        required=False,
        default=False,
        help_text="Go ahead although cases break; the trail names them.",
    )


class PolicyWriteSerializer(StrictSerializer):
    document = ObjectField(help_text="The policy, as `document` of a policy that is read.")
    reason = ReasonField()
    break_cases = break_cases_field()


class PolicyDraftSerializer(StrictSerializer):
    document = ObjectField(help_text="The policy to try.")


class RollbackSerializer(StrictSerializer):
    version = serializers.IntegerField(
        min_value=1, max_value=2**31 - 1, help_text="The version whose document comes back."
    )
    reason = ReasonField()
    break_cases = break_cases_field()


class DeletionSerializer(StrictSerializer):
    reason = ReasonField()
    break_cases = break_cases_field()


class ReasonSerializer(StrictSerializer):
    reason = ReasonField()


class PolicySerializer(serializers.ModelSerializer[Policy]):
    id = serializers.CharField(source="public_id")
    version = serializers.IntegerField(source="current.number")
    document = serializers.DictField(source="current.document")
    changed_by = serializers.CharField(source="current.created_by")
    reason = serializers.CharField(source="current.reason")

    class Meta:
        model = Policy
        fields = (
            "id",
            "name",
            "version",
            "document",
            "changed_by",
            "reason",
            "created_at",
            "updated_at",
        )


class PolicyVersionSerializer(serializers.ModelSerializer[PolicyVersion]):
    version = serializers.IntegerField(source="number")
    document: Any = serializers.DictField()

    class Meta:
        model = PolicyVersion
        fields = ("version", "document", "created_by", "reason", "created_at")


class FlawSerializer(serializers.Serializer[Any]):
    path = serializers.CharField(help_text="The place in the document.")
    code = serializers.CharField()
    detail = serializers.CharField()


class ValidationSerializer(serializers.Serializer[Any]):
    valid = serializers.BooleanField()
    flaws = FlawSerializer(many=True)


class DifferenceSerializer(serializers.Serializer[Any]):
    path = serializers.CharField(help_text="The place in the document.")
    change = serializers.ChoiceField(choices=["added", "removed", "changed"])
    before = serializers.JSONField(required=False)
    after = serializers.JSONField(required=False)


class ComparedVersionSerializer(PolicyVersionSerializer):
    """A version, and with `compare` what became of another one on the way to it."""

    differences = DifferenceSerializer(many=True, required=False)

    class Meta(PolicyVersionSerializer.Meta):
        fields = (*PolicyVersionSerializer.Meta.fields, "differences")  # type: ignore[assignment]


class CompareSerializer(StrictSerializer):
    compare = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=2**31 - 1,
        help_text="The version to compare it with.",
    )


class CaseSerializer(serializers.ModelSerializer[PolicyCase]):
    class Meta:
        model = PolicyCase
        fields = ("name", "given", "expect", "created_by", "reason", "created_at")


class CaseRunSerializer(serializers.Serializer[Any]):
    policy = serializers.CharField()
    name = serializers.CharField(source="case.name")
    expect = serializers.CharField(source="case.expect")
    holds = serializers.BooleanField()
    detail = serializers.CharField(source="sentence")


class CaseRunsSerializer(serializers.Serializer[Any]):
    holds = serializers.BooleanField(help_text="Whether all of them do.")
    results = CaseRunSerializer(many=True)


class CaseWriteSerializer(StrictSerializer):
    case = ObjectField(
        help_text='`{"name", "given": {"subject", "action", "resource", "context"?, "subject_properties"?, '
        '"resource_properties"?, "now"?}, "expect": "allow" | "deny"}`'
    )
    reason = ReasonField()
