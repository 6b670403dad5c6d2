"""A secret sent to somebody that works once and not for long."""

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from config.models import TimestampedModel


class TokenPurpose(models.TextChoices):
    EMAIL_VERIFICATION = "email_verification"
    PASSWORD_RESET = "password_reset"  # noqa: S105 - the name of a purpose
    SECOND_FACTOR = "second_factor"
    CONSOLE_SIGN_IN = "console_sign_in"
    REOPENING = "reopening"
    HANDOFF = "handoff"
    SIGN_IN_APPROVAL = "sign_in_approval"
    SESSION_DISOWNING = "session_disowning"
    EMAIL_CHANGE = "email_change"
    EMAIL_CHANGE_DISOWNING = "email_change_disowning"


class SingleUseTokenQuerySet(models.QuerySet["SingleUseToken"]):
    def usable(self) -> Self:
        return self.filter(used_at=None, attempts_left__gt=0, expires_at__gt=timezone.now())

    def expired(self) -> Self:
        return self.filter(expires_at__lte=timezone.now())


class SingleUseToken(TimestampedModel):
    """Only the SHA-256 of the token is kept: it has 256 bits, so no slower hash is needed."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="single_use_tokens"
    )
    purpose = models.CharField(max_length=24, choices=TokenPurpose.choices)
    token_hash = models.BinaryField(max_length=32, unique=True)
    details = models.JSONField(default=dict)
    attempts_left = models.PositiveSmallIntegerField(default=1)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    objects = SingleUseTokenQuerySet.as_manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(purpose__in=TokenPurpose.values),
                name="single_use_token_purpose_known",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["expires_at"], name="single_use_token_expiry"),
            models.Index(fields=["user", "purpose"], name="single_use_token_by_user"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} for {self.user_id}"
