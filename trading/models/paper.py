"""The books of our own paper broker. To the rest of trading they are what Zerodha's are: behind an adapter."""

from datetime import datetime
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from config.models import IdentifiedModel


class PaperProfile(IdentifiedModel):
    """A person as the paper broker knows them: a client id, and money that is none. It outlives an unlinking."""

    PREFIX = "ppr"

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="paper_profile"
    )
    client_id = models.CharField(_("client id"), max_length=16, unique=True)
    cash = models.DecimalField(_("virtual cash"), max_digits=15, decimal_places=2)

    class Meta:
        ordering: ClassVar[list[str]] = ["-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(cash__gte=0), name="paper_cash_not_negative")
        ]

    def __str__(self) -> str:
        return self.client_id


class PaperSessionQuerySet(models.QuerySet["PaperSession"]):
    def waiting(self, at: datetime) -> Self:
        """Confirmed by the person, and not redeemed."""
        return self.filter(
            access_hash__isnull=True, ended_at__isnull=True, request_good_until__gt=at
        )

    def live(self, at: datetime) -> Self:
        return self.filter(access_hash__isnull=False, ended_at__isnull=True, expires_at__gt=at)


class PaperSession(IdentifiedModel):
    """A login, from the person's yes to the end of the day. Of both tokens only hashes are kept: they are 256 random
    bits, so a plain hash hides them."""

    PREFIX = "pps"

    profile = models.ForeignKey(PaperProfile, on_delete=models.CASCADE, related_name="sessions")
    api_key = models.CharField(max_length=64)
    request_hash = models.BinaryField(max_length=32, unique=True, editable=False)
    request_good_until = models.DateTimeField()
    access_hash = models.BinaryField(max_length=32, unique=True, null=True, editable=False)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    objects: ClassVar[PaperSessionQuerySet] = PaperSessionQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering: ClassVar[list[str]] = ["-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(access_hash__isnull=True, expires_at__isnull=True)
                | models.Q(access_hash__isnull=False, expires_at__isnull=False),
                name="paper_session_redeemed_expires",
            ),
            models.UniqueConstraint(
                fields=["profile", "api_key"],
                condition=models.Q(access_hash__isnull=False, ended_at__isnull=True),
                name="paper_session_one_live",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["created_at"], name="paper_session_by_age")
        ]

    def __str__(self) -> str:
        return self.public_id
