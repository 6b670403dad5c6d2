"""What runs by the clock, and how its last runs went."""

from datetime import datetime, timedelta
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_celery_beat.models import PeriodicTask

from config.models import IdentifiedModel


class RunOutcome(models.TextChoices):
    RUNNING = "running", _("running")
    SUCCEEDED = "succeeded", _("succeeded")
    FAILED = "failed", _("failed")


class ScheduledRun(IdentifiedModel):
    """One run of an entry of the schedule, of whose `name` it has a copy: entries come and go."""

    PREFIX = "srn"

    name = models.CharField(_("job"), max_length=200)
    by_hand = models.BooleanField(_("by hand"), default=False)
    outcome = models.CharField(
        _("outcome"), max_length=16, choices=RunOutcome.choices, default=RunOutcome.RUNNING
    )
    started_at = models.DateTimeField(_("started"), default=timezone.now)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        verbose_name = _("run of a scheduled job")
        verbose_name_plural = _("runs of scheduled jobs")
        ordering: ClassVar[list[str]] = ["-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(outcome=RunOutcome.RUNNING, finished_at=None)
                | Q(
                    outcome__in=[RunOutcome.SUCCEEDED, RunOutcome.FAILED],
                    finished_at__isnull=False,
                ),
                name="scheduled_run_finished_stamp_matches_outcome",
            )
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["name", "-id"], name="scheduled_run_by_job"),
            models.Index(fields=["started_at"], name="scheduled_run_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.started_at:%Y-%m-%d %H:%M:%S}"

    @property
    def duration(self) -> timedelta | None:
        """None while it runs."""
        return self.finished_at - self.started_at if self.finished_at else None


class ScheduledJobQuerySet(models.QuerySet["ScheduledJob"]):
    def with_last_run(self) -> Self:
        """Each with the newest run of its name: `last_started`, `last_finished`, `last_outcome`."""
        newest = ScheduledRun.objects.filter(name=OuterRef("name")).order_by("-id")
        return self.annotate(
            **{
                f"last_{field.partition('_')[0]}": Subquery(newest.values(field)[:1])
                for field in ("started_at", "finished_at", "outcome")
            }
        )


class ScheduledJob(PeriodicTask):  # type: ignore[misc]
    """An entry of beat's table, as the console shows it."""

    # What the queryset's step `with_last_run` brings along.
    last_started: datetime | None
    last_finished: datetime | None
    last_outcome: str | None

    objects: ClassVar[Any] = ScheduledJobQuerySet.as_manager()

    class Meta:
        proxy = True
        app_label = "jobs"
        verbose_name = _("scheduled job")
        verbose_name_plural = _("scheduled jobs")

    def next_run(self, *, after: datetime | None, now: datetime) -> datetime | None:
        """When beat sends it next, as far as its last run tells; None while it is switched off."""
        if not self.enabled:
            return None
        since = max(filter(None, (after, self.last_run_at)), default=now)
        remaining: timedelta = self.schedule.remaining_estimate(since)
        return now + max(remaining, timedelta())
