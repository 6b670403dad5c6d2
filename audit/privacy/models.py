"""What people asked about their data, and what stands in the way of erasing it."""

from datetime import datetime
from typing import ClassVar, Self
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config.models import FoundByPublicId, IdentifiedModel


class RequestKind(models.TextChoices):
    EXPORT = "export", _("archive")
    ERASURE = "erasure", _("erasure")


class RequestState(models.TextChoices):
    OPEN = "open", _("waits")
    RUNNING = "running", _("under way")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")
    WITHDRAWN = "withdrawn", _("taken back")


UNMET = (RequestState.OPEN, RequestState.RUNNING)


class PrivacyRequestQuerySet(FoundByPublicId, models.QuerySet["PrivacyRequest"]):
    def of(self, user_id: UUID) -> Self:
        return self.filter(subject_id=user_id)

    def exports(self) -> Self:
        return self.filter(kind=RequestKind.EXPORT)

    def erasures(self) -> Self:
        return self.filter(kind=RequestKind.ERASURE)

    def unmet(self) -> Self:
        return self.filter(state__in=UNMET)

    def fetchable(self) -> Self:
        """Archives that are there and not past their time."""
        return self.exports().filter(state=RequestState.DONE, archive_expires_at__gt=timezone.now())

    def finished_since(self, moment: datetime) -> Self:
        return self.filter(state=RequestState.DONE, finished_at__gte=moment)


class PrivacyRequest(IdentifiedModel):
    """A person's request, whoever made it for them (`requested_by`: `user:usr_…`, or `system`).

    It is to be met until `due_at` (GDPR article 12(3): a month). An erasure is not begun before `not_before`.
    """

    PREFIX = "prq"

    subject = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("person"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    kind = models.CharField(_("kind"), max_length=16, choices=RequestKind.choices)
    state = models.CharField(
        _("state"), max_length=16, choices=RequestState.choices, default=RequestState.OPEN
    )
    requested_by = models.CharField(_("asked for by"), max_length=200)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    due_at = models.DateTimeField(_("due"))
    not_before = models.DateTimeField(_("not before"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    result = models.JSONField(_("result"), default=dict, blank=True)
    job_id = models.CharField(_("job"), max_length=64, blank=True)
    archive_expires_at = models.DateTimeField(_("archive until"), null=True, blank=True)

    objects: ClassVar[PrivacyRequestQuerySet] = PrivacyRequestQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("privacy request")
        verbose_name_plural = _("privacy requests")
        ordering: ClassVar[list[str]] = ["-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(kind__in=RequestKind.values), name="privacy_request_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=UNMET, finished_at=None)
                | Q(
                    state__in=[
                        RequestState.DONE,
                        RequestState.FAILED,
                        RequestState.WITHDRAWN,
                    ],
                    finished_at__isnull=False,
                ),
                name="privacy_request_finished_stamp_matches_state",
            ),
            models.UniqueConstraint(
                fields=["subject", "kind"],
                condition=Q(state__in=UNMET),
                name="privacy_request_one_unmet",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["due_at"], condition=Q(state__in=UNMET), name="privacy_request_by_due"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.public_id}"

    @property
    def is_overdue(self) -> bool:
        return self.state in UNMET and self.due_at <= timezone.now()


class LegalHoldQuerySet(FoundByPublicId, models.QuerySet["LegalHold"]):
    def of(self, user_id: UUID) -> Self:
        return self.filter(subject_id=user_id)

    def in_force(self) -> Self:
        return self.filter(lifted_at=None)


class LegalHold(IdentifiedModel):
    """What is held of the person is evidence somewhere: nothing of it is erased until the hold is lifted."""

    PREFIX = "hld"

    subject = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("person"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    reason = models.CharField(_("reason"), max_length=500)
    placed_by = models.CharField(_("placed by"), max_length=200)
    lifted_at = models.DateTimeField(_("lifted"), null=True, blank=True)
    lifted_by = models.CharField(_("lifted by"), max_length=200, blank=True)
    lift_reason = models.CharField(_("reason of the lifting"), max_length=500, blank=True)

    objects: ClassVar[LegalHoldQuerySet] = LegalHoldQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("legal hold")
        verbose_name_plural = _("legal holds")
        ordering: ClassVar[list[str]] = ["-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["subject"], condition=Q(lifted_at=None), name="legal_hold_one_in_force"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="legal_hold_has_a_reason"),
            models.CheckConstraint(
                condition=Q(lifted_at=None, lifted_by="", lift_reason="")
                | Q(lifted_at__isnull=False) & ~Q(lifted_by=""),
                name="legal_hold_lifting_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.public_id
