"""Roles, and who holds which."""

from datetime import datetime
from typing import ClassVar, Self
from uuid import UUID

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config.models import IdentifiedModel


class Role(IdentifiedModel):
    """A name that grants scopes and that policies may speak of as `role:<name>`. Names never change."""

    PREFIX = "rol"

    name = models.CharField(
        _("name"),
        max_length=64,
        unique=True,
        validators=[RegexValidator(r"^[a-z][a-z0-9_-]*\Z")],
    )
    description = models.CharField(_("description"), max_length=300, blank=True)
    scopes = models.JSONField(_("scopes"), default=list, blank=True)
    shipped_scopes = models.JSONField(
        _("scopes as shipped"),
        null=True,
        blank=True,
        editable=False,
        help_text=_("What came with the product; differs from the scopes once staff changed them."),
    )

    class Meta:
        verbose_name = _("role")
        verbose_name_plural = _("roles")
        ordering: ClassVar[list[str]] = ["name"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(name__regex=r"^[a-z][a-z0-9_-]*$"), name="role_name_form"
            )
        ]

    def __str__(self) -> str:
        return self.name


class GrantEnd(models.TextChoices):
    REVOKED = "revoked", _("revoked")
    EXPIRED = "expired", _("expired")
    REPLACED = "replaced", _("replaced")


class RoleGrantQuerySet(models.QuerySet["RoleGrant"]):
    def of(self, user_id: UUID) -> Self:
        return self.filter(user_id=user_id)

    def for_role(self, name: str) -> Self:
        return self.filter(role__name=name)

    def open(self) -> Self:
        """Not ended; it may have run out without anyone having noted it."""
        return self.filter(ended_at=None)

    def run_out(self, *, at: datetime) -> Self:
        """Open, and past its time."""
        return self.open().filter(expires_at__lte=at)

    def live(self, *, at: datetime | None = None) -> Self:
        """In force at that moment; now when none is given."""
        moment = at or timezone.now()
        return self.open().filter(models.Q(expires_at=None) | models.Q(expires_at__gt=moment))

    def over(self) -> Self:
        """Those that are not `live` now."""
        return self.filter(
            models.Q(ended_at__isnull=False) | models.Q(expires_at__lte=timezone.now())
        )


class RoleGrant(IdentifiedModel):
    """That a person holds a role: from whom, why, until when. Ended rows stay as history.

    At most one grant of a role to a person is open, and only an open one can be live: see ADR 0030.
    """

    PREFIX = "rgr"

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="role_grants"
    )
    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="grants")
    granted_by = models.CharField(
        _("granted by"), max_length=200, help_text=_("user:usr_…, service:… or system")
    )
    reason = models.CharField(_("reason"), max_length=500)
    granted_at = models.DateTimeField(_("granted"))
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    end = models.CharField(_("end"), max_length=12, choices=GrantEnd.choices, blank=True)
    ended_by = models.CharField(_("ended by"), max_length=200, blank=True)
    end_reason = models.CharField(_("reason of the end"), max_length=500, blank=True)

    objects: ClassVar[models.Manager["RoleGrant"]] = RoleGrantQuerySet.as_manager()

    class Meta:
        verbose_name = _("role grant")
        verbose_name_plural = _("role grants")
        ordering: ClassVar[list[str]] = ["-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["user", "role"],
                condition=models.Q(ended_at=None),
                name="rolegrant_one_open",
            ),
            models.CheckConstraint(
                condition=models.Q(expires_at=None)
                | models.Q(expires_at__gt=models.F("granted_at")),
                name="rolegrant_expires_after_grant",
            ),
            models.CheckConstraint(
                condition=models.Q(ended_at=None, end="")
                | models.Q(
                    ended_at__isnull=False,
                    ended_at__gte=models.F("granted_at"),
                    end__in=GrantEnd.values,
                ),
                name="rolegrant_end_is_whole",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["expires_at"],
                condition=models.Q(ended_at=None, expires_at__isnull=False),
                name="rolegrant_to_expire",
            )
        ]

    def __str__(self) -> str:
        return f"{self.role} for {self.user}"
