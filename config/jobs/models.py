"""Work that a worker does for somebody, who wants to know how it goes."""

from datetime import datetime
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from config.http.principal import Principal
from config.jobs.leases import Lease  # noqa: F401 - where Django looks for models
from config.jobs.scheduled import (  # noqa: F401 - where Django looks for models
    ScheduledJob,
    ScheduledRun,
)
from config.models import FoundByPublicId, IdentifiedModel


class JobState(models.TextChoices):
    QUEUED = "queued", _("queued")
    RUNNING = "running", _("running")
    SUCCEEDED = "succeeded", _("succeeded")
    FAILED = "failed", _("failed")


ENDED = (JobState.SUCCEEDED, JobState.FAILED)


class OwnerType(models.TextChoices):
    USER = "user", _("person")
    SERVICE = "service", _("service")
    SYSTEM = "system", _("Gatehouse itself")


class JobQuerySet(FoundByPublicId, models.QuerySet["Job"]):
    def owned_by(self, principal: Principal) -> Self:
        return self.filter(owner_type=principal.type, owner_id=principal.id)

    def visible_to(self, principal: Principal) -> Self:
        """Everybody's with the scope `jobs:read`, else the caller's own."""
        return self if "jobs:read" in principal.scopes else self.owned_by(principal)

    def abandoned(self, *, at: datetime, unsent_since: datetime, sent_before: datetime) -> Self:
        """Those that no worker has in hand or in its queue, as far as one can tell at `at`."""
        never_sent = Q(state=JobState.QUEUED, sent_at=None, created_at__lt=unsent_since)
        lost = Q(state=JobState.QUEUED, sent_at__lt=sent_before)
        crashed = Q(state=JobState.RUNNING, lease_expires_at__lt=at, sent_at__lt=sent_before)
        return self.filter(never_sent | lost | crashed)


class Job(IdentifiedModel):
    """`done` of `total` steps are finished; a `total` of 0 means that nobody knows how many there are.

    While a job runs, its worker holds it until `lease_expires_at`; `attempts` counts the workers that held it, and
    the number of a worker's attempt is what proves that the job is still its own. `result` and `error` are for
    its owner to read, so neither holds a secret or the text of an exception.
    """

    PREFIX = "job"

    kind = models.CharField(_("kind"), max_length=64)
    state = models.CharField(
        _("state"), max_length=16, choices=JobState.choices, default=JobState.QUEUED
    )
    done = models.PositiveIntegerField(_("done"), default=0)
    total = models.PositiveIntegerField(_("of"), default=0)
    result = models.JSONField(_("result"), null=True, blank=True)
    error = models.CharField(_("error"), max_length=500, blank=True)
    owner_type = models.CharField(_("owner is a"), max_length=8, choices=OwnerType.choices)
    owner_id = models.CharField(_("owner"), max_length=64, blank=True)
    request_id = models.CharField(_("request"), max_length=128, blank=True)

    task = models.CharField(_("task"), max_length=200)
    arguments = models.JSONField(_("arguments"), default=dict, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    sent_at = models.DateTimeField(_("sent to the workers"), null=True, blank=True)
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    lease_expires_at = models.DateTimeField(_("held until"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(state__in=JobState.values), name="job_state_known"),
            models.CheckConstraint(
                condition=Q(kind__regex=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$"),
                name="job_kind_is_dotted_words",
            ),
            models.CheckConstraint(condition=Q(done__lte=F("total")), name="job_done_within_total"),
            models.CheckConstraint(
                condition=Q(owner_type__in=[OwnerType.USER, OwnerType.SERVICE]) & ~Q(owner_id="")
                | Q(owner_type=OwnerType.SYSTEM, owner_id=""),
                name="job_owner_named_unless_system",
            ),
            models.CheckConstraint(
                condition=Q(state__in=ENDED, finished_at__isnull=False)
                | ~Q(state__in=ENDED) & Q(finished_at__isnull=True),
                name="job_finished_stamp_matches_state",
            ),
            models.CheckConstraint(
                condition=Q(state=JobState.QUEUED, started_at__isnull=True)
                | Q(state__in=[JobState.RUNNING, JobState.SUCCEEDED], started_at__isnull=False)
                | Q(state=JobState.FAILED),
                name="job_started_stamp_matches_state",
            ),
            models.CheckConstraint(
                condition=Q(state=JobState.RUNNING, lease_expires_at__isnull=False)
                | ~Q(state=JobState.RUNNING) & Q(lease_expires_at__isnull=True),
                name="job_held_while_running",
            ),
            models.CheckConstraint(
                condition=Q(state=JobState.FAILED) & ~Q(error="")
                | ~Q(state=JobState.FAILED) & Q(error=""),
                name="job_error_when_failed",
            ),
            models.CheckConstraint(
                condition=Q(result__isnull=True) | Q(state=JobState.SUCCEEDED),
                name="job_result_when_succeeded",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["owner_type", "owner_id", "-id"], name="job_by_owner"),
            models.Index(fields=["kind", "state"], name="job_by_kind"),
            models.Index(fields=["request_id"], condition=~Q(request_id=""), name="job_by_request"),
            models.Index(
                fields=["id"],
                condition=Q(state__in=[JobState.QUEUED, JobState.RUNNING]),
                name="job_unfinished",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.public_id}"

    @property
    def ended(self) -> bool:
        return self.state in ENDED
