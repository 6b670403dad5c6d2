"""Exports of the trail, and the parts that they are made of."""

from datetime import datetime
from typing import ClassVar, Self

from django.db import models
from django.db.models import ExpressionWrapper, Func, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit.exports.formats import ExportFormat
from config.http.principal import Principal
from config.jobs.models import Job, JobState
from config.models import FoundByPublicId, IdentifiedModel


class ExportJobQuerySet(FoundByPublicId, models.QuerySet["ExportJob"]):
    def owned_by(self, principal: Principal) -> Self:
        return self.filter(job__owner_type=principal.type, job__owner_id=principal.id)

    def with_size(self) -> Self:
        """Each with `size`: the bytes that its parts take, compressed."""
        stored = Func("content", function="octet_length", output_field=models.BigIntegerField())
        parts = ExportPart.objects.filter(export=OuterRef("pk")).order_by().values("export")
        return self.annotate(size=Coalesce(Subquery(parts.annotate(n=Sum(stored)).values("n")), 0))

    def marked_for(self, principal: Principal, *, at: datetime) -> Self:
        """Each with `fetchable`: whether `principal` may have the file at that time."""
        theirs = Q(job__owner_type=principal.type, job__owner_id=principal.id, expires_at__gt=at)
        return self.annotate(fetchable=ExpressionWrapper(theirs, models.BooleanField()))

    def outlived(self, *, at: datetime, asked_before: datetime) -> Self:
        """Those whose link has run out at `at`, and those that nothing came of."""
        return self.filter(
            Q(expires_at__lte=at) | Q(expires_at__isnull=True, created_at__lt=asked_before)
        )


class ExportJob(IdentifiedModel):
    """What was asked for, and how far it is written: behind the row with `position_time` and `position_event`, in as
    many parts. `expires_at` is set when it is whole."""

    PREFIX = "exp"

    job = models.OneToOneField(Job, models.SET_NULL, null=True, related_name="audit_export")
    format = models.CharField(_("format"), max_length=8, choices=ExportFormat.choices)
    question = models.JSONField(_("filter"), default=dict)
    before = models.DateTimeField(_("rows before"))
    rows = models.BigIntegerField(_("rows"), default=0)
    parts = models.IntegerField(_("parts"), default=0)
    position_time = models.DateTimeField(_("written up to"), null=True)
    position_event = models.UUIDField(_("written up to event"), null=True)
    expires_at = models.DateTimeField(_("link good until"), null=True)

    # What the queryset's steps `with_size` and `marked_for` bring along.
    size: int
    fetchable: bool

    objects = ExportJobQuerySet.as_manager()

    class Meta:
        verbose_name = _("export of the trail")
        verbose_name_plural = _("exports of the trail")
        ordering: ClassVar[list[str]] = ["-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(format__in=ExportFormat.values), name="export_job_format_known"
            ),
            models.CheckConstraint(
                condition=Q(position_time__isnull=True, position_event__isnull=True)
                | Q(position_time__isnull=False, position_event__isnull=False),
                name="export_job_position_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def state(self) -> str:
        if self.expires_at is not None:
            return JobState.SUCCEEDED
        return self.job.state if self.job is not None else JobState.FAILED

    @property
    def has_expired(self) -> bool:
        return self.expires_at is not None and self.expires_at <= timezone.now()


class ExportPart(models.Model):
    """A stretch of the file, compressed with zlib."""

    export = models.ForeignKey(ExportJob, models.CASCADE, related_name="contents")
    number = models.IntegerField(_("number"))
    content = models.BinaryField(_("content"))

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["export", "number"], name="export_part_once")
        ]

    def __str__(self) -> str:
        return f"{self.export_id}/{self.number}"
