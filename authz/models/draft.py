"""A policy on its way: what somebody typed and has not put in force."""

from datetime import datetime
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from authz.models.policy import Policy
from config.jobs.models import Job
from config.models import FoundByPublicId, IdentifiedModel


class PolicyDraftQuerySet(FoundByPublicId, models.QuerySet["PolicyDraft"]):
    def older_than(self, moment: datetime) -> Self:
        return self.filter(created_at__lt=moment)


class PolicyDraft(IdentifiedModel):
    """A document that compiles, to become a new policy or the next version of `policy`. A draft is never edited: what
    is found out about it stays true of it.

    `based_on` is the number of the version that was in force when its author began. When it has been tried on what was
    decided, `found` are the numbers of that, and `effects` whom it would concern; `job` is the job that does it.
    """

    PREFIX = "pdr"

    policy = models.ForeignKey(
        Policy,
        verbose_name=_("policy"),
        on_delete=models.CASCADE,
        related_name="drafts",
        null=True,
        blank=True,
    )
    document = models.JSONField(_("document"))
    based_on = models.PositiveIntegerField(_("begun from version"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    created_by = models.CharField(_("by"), max_length=200, help_text=_("user:usr_…"))
    job = models.OneToOneField(
        Job, models.SET_NULL, null=True, editable=False, related_name="policy_draft"
    )
    found = models.JSONField(_("found"), null=True, editable=False)
    tried_at = models.DateTimeField(_("tried"), null=True, editable=False)

    objects: ClassVar[PolicyDraftQuerySet] = PolicyDraftQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("policy draft")
        verbose_name_plural = _("policy drafts")
        ordering: ClassVar[list[str]] = ["-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(policy=None, based_on=None)
                | Q(policy__isnull=False, based_on__isnull=False),
                name="policydraft_begun_from_a_version",
            ),
            models.CheckConstraint(
                condition=Q(found__isnull=True, tried_at=None)
                | Q(found__isnull=False, tried_at__isnull=False),
                name="policydraft_found_when_tried",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["created_at"], name="policydraft_created")
        ]

    def __str__(self) -> str:
        return str(self.document.get("name", self.public_id))


class DraftEffectQuerySet(models.QuerySet["DraftEffect"]):
    def newly_denied(self) -> Self:
        """Those who would be denied something, the most first."""
        return self.filter(newly_denied__gt=0).order_by("-newly_denied", "subject")

    def newly_allowed(self) -> Self:
        return self.filter(newly_allowed__gt=0).order_by("-newly_allowed", "subject")


class DraftEffect(models.Model):
    """How many of the recorded decisions about one subject a draft would turn round, with the newest of each kind."""

    draft = models.ForeignKey(PolicyDraft, models.CASCADE, related_name="effects")
    subject = models.CharField(_("subject"), max_length=256)
    newly_denied = models.PositiveIntegerField(_("newly denied"), default=0)
    newly_allowed = models.PositiveIntegerField(_("newly allowed"), default=0)
    examples = models.JSONField(_("examples"), default=list)

    objects: ClassVar[DraftEffectQuerySet] = DraftEffectQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("effect of a draft")
        verbose_name_plural = _("effects of drafts")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["draft", "subject"], name="drafteffect_once")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["subject"], name="drafteffect_subject")
        ]

    def __str__(self) -> str:
        return self.subject
