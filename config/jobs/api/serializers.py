"""A job as its owner sees it."""

from typing import ClassVar

from rest_framework import serializers

from config.jobs.models import Job


class JobSerializer(serializers.ModelSerializer[Job]):
    id = serializers.CharField(source="public_id", read_only=True)
    error = serializers.SerializerMethodField(help_text="Why it failed, or null.")
    result = serializers.JSONField(
        read_only=True, allow_null=True, help_text="What came of it, or null."
    )

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
