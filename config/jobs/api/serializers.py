"""A job as its owner sees it."""

from typing import ClassVar

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from config.jobs.models import Job


@extend_schema_field({"type": ["object", "null"], "additionalProperties": True})
class ResultField(serializers.JSONField):
    """An object, or null while there is none."""


class JobSerializer(serializers.ModelSerializer[Job]):
    id = serializers.CharField(source="public_id", read_only=True)
    error = serializers.SerializerMethodField(help_text="Why it failed, or null.")
    result = ResultField(read_only=True, allow_null=True, help_text="What came of it, or null.")

    class Meta:
        model = Job
        fields: ClassVar[list[str]] = [
            "id",
            "kind",
            "state",
            "done",
            "total",
            "result",
            "error",
            "created_at",
            "started_at",
            "finished_at",
        ]
        read_only_fields: ClassVar[list[str]] = fields

    def get_error(self, job: Job) -> str | None:
        return job.error or None
