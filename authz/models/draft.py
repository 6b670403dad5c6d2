"""A policy on its way: what somebody typed and has not put in force."""

from datetime import datetime
from typing import ClassVar, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from authz.models.policy import Policy
from config.models import FoundByPublicId, IdentifiedModel


class PolicyDraftQuerySet(FoundByPublicId, models.QuerySet["PolicyDraft"]):
    def older_than(self, moment: datetime) -> Self:
        return self.filter(created_at__lt=moment)


class PolicyDraft(IdentifiedModel):
    """A document that compiles, to become a new policy or the next version of `policy`. A draft is never edited: what
    is found out about it stays true of it.

    `based_on` is the number of the version that was in force when its author began.
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

    objects: ClassVar[PolicyDraftQuerySet] = PolicyDraftQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("policy draft")
        verbose_name_plural = _("policy drafts")
        ordering: ClassVar[list[str]] = ["-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(policy=None, based_on=None)
                | models.Q(policy__isnull=False, based_on__isnull=False),
                name="policydraft_begun_from_a_version",
            )
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["created_at"], name="policydraft_created")
        ]

    def __str__(self) -> str:
        return str(self.document.get("name", self.public_id))
