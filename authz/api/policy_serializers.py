"""Policies as JSON."""

from typing import Any

from rest_framework import serializers

from authz.api.fields import ObjectField, ReasonField
from authz.models import Policy, PolicyVersion
from config.http.serializers import StrictSerializer


class PolicyWriteSerializer(StrictSerializer):
    document = ObjectField(help_text="The policy, as `document` of a policy that is read.")
    reason = ReasonField()


class PolicyDraftSerializer(StrictSerializer):
    document = ObjectField(help_text="The policy to try.")


class RollbackSerializer(StrictSerializer):
    version = serializers.IntegerField(
        min_value=1, max_value=2**31 - 1, help_text="The version whose document comes back."
    )
    reason = ReasonField()


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
