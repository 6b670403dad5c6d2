from datetime import timedelta
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class AuditConfig(AppConfig):
    name = "audit"
    verbose_name = _("Audit")

    def ready(self) -> None:
        """Wire the recorder, the metrics and the upkeep of the partitions."""
        from audit import vault_alarms  # noqa: PLC0415 - models are ready now
        from audit.after_restore import verify_trail  # noqa: PLC0415
        from audit.metrics import trail_facts  # noqa: PLC0415
        from audit.recorder import record  # noqa: PLC0415
        from config.backup.steps import after_restore  # noqa: PLC0415
        from config.jobs.schedule import periodic  # noqa: PLC0415
        from config.telemetry.metrics import register_facts  # noqa: PLC0415
        from events.signals import domain_event  # noqa: PLC0415

        domain_event.connect(record, dispatch_uid="audit.recorder")
        post_migrate.connect(_make_partitions, sender=self, dispatch_uid="audit.partitions")
        register_facts(trail_facts)
        vault_alarms.listen()
        after_restore("trail", verify_trail)
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
            by_hand=False,
        )
        _chain_by_the_clock()


def _chain_by_the_clock() -> None:
    from config.jobs.schedule import periodic  # noqa: PLC0415 - as above

    periodic(
        "Chain the audit trail",
        "audit.tasks.chain_waiting",
        every=timedelta(seconds=settings.ENVIRONMENT.audit_chain_interval),
        description="Give new rows of the trail their place in the chain of their day.",
    )
    periodic(
        "Sign the audit trail",
        "audit.tasks.sign_checkpoint",
        every=timedelta(seconds=settings.ENVIRONMENT.audit_checkpoint_interval),
        description="Sign a checkpoint of the chains, and tell it to whoever listens.",
    )
    periodic(
        "Verify the recent audit trail",
        "audit.tasks.verify_recent",
        every=timedelta(days=1),
        description="Verify the chains of yesterday and today; what is found is logged and counted.",
    )
    periodic(
        "Forget expired audit exports",
        "audit.tasks.forget_expired_exports",
        every=timedelta(hours=1),
        description="Delete exports of the trail that cannot be fetched any more.",
    )
    periodic(
        "Forget expired audit links",
        "audit.tasks.forget_expired_links",
        every=timedelta(days=1),
        description="Delete what the chains say of months of the trail that were dropped.",
    )


def _make_partitions(**_: Any) -> None:
    """A new database has its months from the first moment on."""
    from audit.services import partitions  # noqa: PLC0415 - models are ready now

    if partitions.trail_exists():
        partitions.ensure_ahead()
