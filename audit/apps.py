from datetime import timedelta
from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AuditConfig(AppConfig):
    name = "audit"

    def ready(self) -> None:
        """Wire the recorder, the metrics and the upkeep of the partitions."""
        from audit import vault_alarms  # noqa: PLC0415 - models are ready now
        from audit.metrics import trail_facts  # noqa: PLC0415
        from audit.recorder import record  # noqa: PLC0415
        from config.jobs.schedule import periodic  # noqa: PLC0415
        from config.telemetry.metrics import register_facts  # noqa: PLC0415
        from events.signals import domain_event  # noqa: PLC0415

        domain_event.connect(record, dispatch_uid="audit.recorder")
        post_migrate.connect(_make_partitions, sender=self, dispatch_uid="audit.partitions")
        register_facts(trail_facts)
        vault_alarms.listen()
        periodic(
            "Make audit partitions",
            "audit.tasks.ensure_partitions_ahead",
            every=timedelta(hours=6),
            description="Make the partitions of the months to come: AUDIT_MONTHS_AHEAD says how many.",
        )
        periodic(
            "Drop expired audit partitions",
            "audit.tasks.drop_expired_partitions",
            every=timedelta(days=1),
            description="Drop the months of the trail before the last AUDIT_RETENTION_MONTHS.",
        )


def _make_partitions(**_: Any) -> None:
    """A new database has its months from the first moment on."""
    from audit.services import partitions  # noqa: PLC0415 - models are ready now

    if partitions.trail_exists():
        partitions.ensure_ahead()
