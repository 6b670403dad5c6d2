"""A sign-in that was refused as too risky although its password was right: the person may say that it was theirs."""

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config.models import FoundByPublicId, IdentifiedModel


class BlockedSignInQuerySet(FoundByPublicId, models.QuerySet["BlockedSignIn"]):
    def like(self, other: "BlockedSignIn") -> Self:
        """Of the same person, from the same device and country."""
        return self.filter(
            user_id=other.user_id,
            device_fingerprint=other.device_fingerprint,
            user_agent=other.user_agent,
            country=other.country,
        )

    def approved(self) -> Self:
        """The person said that it was theirs, lately, and has not signed in with that yet."""
        return self.filter(approved_until__gt=timezone.now())


class BlockedSignIn(IdentifiedModel):
    """`approved_until` is set once the person has said so, and taken away when it is made use of."""

    PREFIX = "bsi"

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="blocked_sign_ins"
    )
    device_fingerprint = models.CharField(max_length=128, blank=True)
    user_agent = models.CharField(_("user agent"), max_length=512, blank=True)
    ip = models.GenericIPAddressField(_("address"), null=True, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)
    city = models.CharField(_("city"), max_length=100, blank=True)
    risk_score = models.PositiveSmallIntegerField(_("risk"))
    risk_signals = models.JSONField(_("risk signals"), default=list)
    approved_until = models.DateTimeField(_("approved until"), null=True, blank=True)

    objects = BlockedSignInQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(risk_score__lte=100), name="blocked_sign_in_score_range"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["user", "-id"], name="blocked_sign_in_by_user"),
            models.Index(fields=["created_at"], name="blocked_sign_in_by_age"),
        ]

    def __str__(self) -> str:
        return self.public_id
