"""Taking a person's lost factors away: asked for by one of the staff, allowed by another."""

from typing import ClassVar, Self
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config.models import FoundByPublicId, IdentifiedModel


class ResetStatus(models.TextChoices):
    OPEN = "open", _("waits for approval")
    APPROVED = "approved", _("approved")
    CANCELLED = "cancelled", _("cancelled")
    EXPIRED = "expired", _("expired")


class ResetRequestQuerySet(FoundByPublicId, models.QuerySet["ResetRequest"]):
    def of(self, user_id: UUID) -> Self:
        return self.filter(user_id=user_id)

    def undecided(self) -> Self:
        """Nobody has decided, in time or not."""
        return self.filter(status=ResetStatus.OPEN)

    def open(self) -> Self:
        """Those that may still be approved."""
        return self.undecided().filter(expires_at__gt=timezone.now())

    def run_out(self) -> Self:
        return self.undecided().filter(expires_at__lte=timezone.now())


class ResetRequest(IdentifiedModel):
    """Three different people: whose factors are lost, who asks, who approves. The database holds that too."""

    PREFIX = "rst"

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="+",
        verbose_name=_("person"),
    )
    reason = models.CharField(_("reason"), max_length=500)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("asked for by"),
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        verbose_name=_("decided by"),
    )
    status = models.CharField(
        _("status"), max_length=16, choices=ResetStatus.choices, default=ResetStatus.OPEN
    )
    expires_at = models.DateTimeField(_("to be approved until"))
    decided_at = models.DateTimeField(_("decided"), null=True)

    objects = ResetRequestQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["-id"]
        verbose_name = _("reset of second factors")
        verbose_name_plural = _("resets of second factors")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(status="open"), name="mfa_reset_one_open_per_person"
            ),
            models.CheckConstraint(
                condition=~Q(requested_by=F("user")), name="mfa_reset_not_asked_for_by_the_person"
            ),
            models.CheckConstraint(
                condition=~Q(status="approved")
                | (~Q(decided_by=F("requested_by")) & ~Q(decided_by=F("user"))),
                name="mfa_reset_approved_by_another",
            ),
            models.CheckConstraint(
                condition=Q(status="open", decided_by=None, decided_at=None)
                | Q(status="expired", decided_by=None, decided_at__isnull=False)
                | Q(
                    status__in=["approved", "cancelled"],
                    decided_by__isnull=False,
                    decided_at__isnull=False,
                ),
                name="mfa_reset_decision_whole",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="mfa_reset_has_a_reason"),
        ]

    def __str__(self) -> str:
        return self.public_id
