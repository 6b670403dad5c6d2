from datetime import timedelta

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class EventsConfig(AppConfig):
    name = "events"
    verbose_name = _("Events")

    def ready(self) -> None:
        """Wire the outbox, its metrics and its upkeep; and know every event type, whoever asks for them."""
        from config.jobs.schedule import periodic  # noqa: PLC0415 - models are ready now
        from config.replicas import pool  # noqa: PLC0415
        from config.telemetry.metrics import register_facts  # noqa: PLC0415
        from events.metrics import outbox_facts, webhook_facts  # noqa: PLC0415
        from events.receivers import note_own_change, write_to_outbox  # noqa: PLC0415
        from events.signals import domain_event  # noqa: PLC0415

        domain_event.connect(write_to_outbox, dispatch_uid="events.outbox")
        if pool.aliases():
            domain_event.connect(note_own_change, dispatch_uid="events.own_change")
        register_facts(outbox_facts)
        register_facts(webhook_facts)
        periodic(
            "Forget sent events",
            "events.tasks.prune_outbox",
            every=timedelta(hours=1),
            description="Delete outbox rows that were sent longer than OUTBOX_RETENTION ago.",
        )
        periodic(
            "Give up deliveries",
            "events.tasks.give_up_deliveries",
            every=timedelta(minutes=5),
            description="Make dead letters of deliveries to webhooks whose WEBHOOK_RETRY_FOR is over.",
        )
        periodic(
            "Forget deliveries",
            "events.tasks.prune_deliveries",
            every=timedelta(hours=1),
            description="Delete deliveries to webhooks that ended longer than WEBHOOK_LOG_RETENTION ago.",
        )
        autodiscover_modules("events")
