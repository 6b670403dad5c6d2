"""A signed-in device: from sign-in to the moment it is ended or runs out."""

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config.models import FoundByPublicId, IdentifiedModel


class SignInMethod(models.TextChoices):
    PASSWORD = "password", _("password")
    PASSKEY = "passkey", _("passkey")
    CONSOLE_LINK = "console_link", _("one-time link into the console")
    GOOGLE = "google", _("Google")
    FEDERATED = "federated", _("another sign-in provider")


class EndReason(models.TextChoices):
    LOGOUT = "logout", _("signed out")
    REVOKED = "revoked", _("ended from another device or by staff")
    REUSE = "reuse", _("a used refresh token came again")
    PASSWORD_CHANGE = "password_change", _("the password was changed")
    PASSWORD_RESET = "password_reset", _("the password was reset")
    FACTOR_RESET = "factor_reset", _("lost second factors were reset")
    SUSPENDED = "suspended", _("the account was suspended")
    DEACTIVATED = "deactivated", _("the account was deactivated")


class SessionQuerySet(FoundByPublicId, models.QuerySet["Session"]):
    def live(self) -> Self:
        """Neither ended nor run out."""
        return self.filter(
            ended_at=None, expires_at__gt=timezone.now(), idle_expires_at__gt=timezone.now()
        )

    def of_active_people(self) -> Self:
        return self.filter(user__status="active")

    def for_user(self, user_id: object) -> Self:
        return self.filter(user_id=user_id)


class Session(IdentifiedModel):
    """`acr`, `amr` and `auth_time` say how and when the person last proved who they are (OpenID Connect Core)."""

    PREFIX = "ses"

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="sessions"
    )
    method = models.CharField(_("method"), max_length=16, choices=SignInMethod.choices)
    acr = models.CharField(
        _("assurance"), max_length=8, choices=[("pwd", _("password")), ("mfa", _("second factor"))]
    )
    amr = models.JSONField(_("methods proven"), default=list)
    auth_time = models.DateTimeField(_("proven at"))
    persistent = models.BooleanField(_("kept"), default=False)
    device_name = models.CharField(_("device"), max_length=100, blank=True)
    device_fingerprint = models.CharField(max_length=128, blank=True)
    user_agent = models.CharField(_("user agent"), max_length=512, blank=True)
    ip = models.GenericIPAddressField(_("address"), null=True, blank=True)
    last_active_at = models.DateTimeField(_("last active"))
    expires_at = models.DateTimeField(_("ends at the latest"))
    idle_expires_at = models.DateTimeField(_("ends when idle until"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    end_reason = models.CharField(
        _("why it ended"), max_length=16, choices=EndReason.choices, blank=True
    )

    objects = SessionQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(ended_at=None, end_reason="")
                | Q(ended_at__isnull=False, end_reason__in=EndReason.values),
                name="session_end_has_reason",
            ),
            models.CheckConstraint(condition=Q(acr__in=["pwd", "mfa"]), name="session_acr_known"),
            models.CheckConstraint(
                condition=Q(method__in=SignInMethod.values), name="session_method_known"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["user", "-id"], condition=Q(ended_at=None), name="session_live_by_user"
            ),
            models.Index(
                fields=["expires_at"], condition=Q(ended_at=None), name="session_live_by_expiry"
            ),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def is_live(self) -> bool:
        now = timezone.now()
        return self.ended_at is None and self.expires_at > now and self.idle_expires_at > now
