from datetime import timedelta
from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class JobsConfig(AppConfig):
    name = "config.jobs"
    label = "jobs"
    verbose_name = _("Jobs")

    def ready(self) -> None:
        # Apps are loaded now. The Celery application must exist in every process that sends a task.
        from config import celery  # noqa: F401, PLC0415
        from config.jobs import queues, run_log, watching  # noqa: PLC0415
        from config.jobs.metrics import job_facts  # noqa: PLC0415
        from config.jobs.schedule import periodic  # noqa: PLC0415
        from config.telemetry.health import register_probe  # noqa: PLC0415
        from config.telemetry.metrics import register_facts  # noqa: PLC0415

        run_log.connect()
        watching.connect()
        register_facts(job_facts)
        register_facts(queues.queue_facts)
        if queues.is_rabbitmq():
            register_probe("broker", queues.broker, critical=False)
        periodic(
            "Resume abandoned jobs",
            "config.jobs.tasks.resume_abandoned",
            every=timedelta(minutes=1),
            description="Sends again the jobs that the broker lost and those whose worker died.",
        )
        periodic(
            "Forget what has run out",
            "config.jobs.tasks.forget_run_out",
            every=timedelta(hours=1),
            description=(
                "Deletes answers kept for repeated requests, browsers' sessions, old jobs and runs of scheduled ones, "
                "the console's log."
            ),
        )
        post_migrate.connect(write_schedule, sender=self)


def write_schedule(using: str, **_: Any) -> None:
    """After `migrate`, unless it went back before beat's tables."""
    from django.db import connections  # noqa: PLC0415 - as above
    from django_celery_beat.models import PeriodicTask  # noqa: PLC0415

    from config.jobs.schedule import sync_schedule  # noqa: PLC0415

    if PeriodicTask._meta.db_table in connections[using].introspection.table_names():
        sync_schedule()
