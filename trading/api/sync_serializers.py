"""The bodies of syncs."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from trading.models import SyncOutcome, SyncRun
from trading.models.sync_run import PARTS


class SyncRunSerializer(serializers.ModelSerializer[SyncRun]):
    """One sync of an account: waiting, running, or how it ended and what to do about it."""

    id = serializers.CharField(source="public_id")
    trading_account_id = serializers.CharField(source="account.public_id")
    job_id = serializers.SerializerMethodField(help_text="The job that it was part of, if any.")
    outcome = serializers.SerializerMethodField(help_text="Null until it has ended.")
    changed = serializers.ListField(
        child=serializers.ChoiceField(choices=PARTS), help_text="What the broker told otherwise."
    )
    duration = serializers.FloatField(allow_null=True, help_text="In seconds.")
    advice = serializers.CharField(help_text="What to do, for a person; may be empty.")

    class Meta:
        model = SyncRun
        fields = (
            "id",
            "trading_account_id",
            "job_id",
            "trigger",
            "created_at",
            "started_at",
            "ended_at",
            "duration",
            "outcome",
            "reason",
            "changed",
            "advice",
        )
        read_only_fields = fields

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_job_id(self, run: SyncRun) -> str | None:
        return run.job.public_id if run.job else None

    @extend_schema_field(serializers.ChoiceField(choices=SyncOutcome.choices, allow_null=True))
    def get_outcome(self, run: SyncRun) -> Any:
        return run.outcome or None
