"""A signed-in device: from sign-in to the moment it is ended or runs out."""

from datetime import datetime
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q, Value
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config.models import FoundByPublicId, IdentifiedModel

NOTABLE_RISK = 30  # as in the trail, scores from here on have an index of their own


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
    EMAIL_CHANGE = "email_change", _("the e-mail address was changed")
    FACTOR_RESET = "factor_reset", _("lost second factors were reset")
    SUSPENDED = "suspended", _("the account was suspended")
    DEACTIVATED = "deactivated", _("the account was deactivated")
    IDLE = "idle", _("it was not used for too long")
    EXPIRED = "expired", _("it ran out")
    LIMIT = "limit", _("newer sessions took its place")
    DISOWNED = "disowned", _("the person said that it was not theirs")


# Most sessions end by these, so that the newest are found soon; the others have an index.
USUAL_ENDS = ("", EndReason.LOGOUT, EndReason.IDLE, EndReason.EXPIRED)


class SessionQuerySet(FoundByPublicId, models.QuerySet["Session"]):
    def live(self, *, at: datetime | None = None) -> Self:
        """Neither ended nor run out at that moment; now when none is given."""
        moment = at or timezone.now()
        return self.filter(ended_at=None, expires_at__gt=moment, idle_expires_at__gt=moment)

    def over(self) -> Self:
        """Those that are not `live`."""
        now = timezone.now()
        return self.filter(
            Q(ended_at__isnull=False) | Q(expires_at__lte=now) | Q(idle_expires_at__lte=now)
        )

    def of_active_people(self) -> Self:
        return self.filter(user__status="active")

    def run_out(self) -> Self:
        """Over by the clock, and not ended yet. A session never idles beyond its absolute end."""
        return self.filter(ended_at=None, idle_expires_at__lte=timezone.now())

    def recognised(self) -> Self:
        """All but those of which the person said that they were not theirs."""
        return self.exclude(end_reason=EndReason.DISOWNED)

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
    country = models.CharField(_("country"), max_length=2, blank=True, default="", db_default="")
    city = models.CharField(_("city"), max_length=100, blank=True, default="", db_default="")
    asn = models.BigIntegerField(_("network (AS number)"), null=True, blank=True)
    risk_score = models.SmallIntegerField(_("risk"), null=True, blank=True)
    risk_signals = models.JSONField(
        _("risk signals"), default=list, db_default=Value([], models.JSONField()), blank=True
    )
    last_active_at = models.DateTimeField(_("last active"))
    expires_at = models.DateTimeField(_("ends at the latest"))
    idle_expires_at = models.DateTimeField(_("ends when idle until"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    end_reason = models.CharField(
        _("why it ended"), max_length=16, choices=EndReason.choices, blank=True
    )

    objects = SessionQuerySet.as_manager()

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
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
            models.CheckConstraint(
                condition=Q(risk_score=None) | Q(risk_score__range=(0, 100)),
                name="session_risk_score_range",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["user", "-id"], name="session_by_user"),
            models.Index(
                fields=["user", "-id"], condition=Q(ended_at=None), name="session_live_by_user"
            ),
            models.Index(
                fields=["idle_expires_at"], condition=Q(ended_at=None), name="session_live_by_end"
            ),
            models.Index(
                fields=["-id", "risk_score"],
                condition=Q(risk_score__gte=NOTABLE_RISK),
                name="session_by_risk",
            ),
            models.Index(
                fields=["end_reason", "-id"],
                condition=~Q(end_reason__in=USUAL_ENDS),
                name="session_by_rare_end",
            ),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def is_live(self) -> bool:
        now = timezone.now()
        return self.ended_at is None and self.expires_at > now and self.idle_expires_at > now
