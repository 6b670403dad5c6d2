"""A day's login at the broker."""

from datetime import datetime
from typing import ClassVar, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from config.models import IdentifiedModel
from config.vault.fields import SealedField
from trading.models.account_key import SealedUnderAccountKey
from trading.models.credential import CredentialVersion


class SessionEnd(models.TextChoices):
    REPLACED = "replaced", _("a later login took its place")
    EXPIRED = "expired", _("its day is over")
    REFUSED = "refused", _("the broker does not know it any more")
    SUSPENDED = "suspended", _("the account was suspended")
    TRANSFERRED = "transferred", _("the account has another owner")
    UNLINKED = "unlinked", _("the account was unlinked")


class BrokerSessionQuerySet(models.QuerySet["BrokerSession"]):
    def live(self) -> Self:
        return self.filter(ended_at__isnull=True)

    def due(self, at: datetime) -> Self:
        """Live ones whose day is over."""
        return self.live().filter(expires_at__lte=at)


class BrokerSession(SealedUnderAccountKey, IdentifiedModel):
    """The access token lives here, sealed, and is forgotten when the session ends."""

    PREFIX = "bks"

    account = models.ForeignKey(
        "trading.TradingAccount", on_delete=models.CASCADE, related_name="broker_sessions"
    )
    credential = models.ForeignKey(CredentialVersion, on_delete=models.CASCADE, related_name="+")
    access_token = SealedField(null=True, editable=False)
    expires_at = models.DateTimeField(_("expires"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    end_reason = models.CharField(
        _("ended because"), max_length=16, choices=SessionEnd.choices, blank=True
    )

    objects: ClassVar[BrokerSessionQuerySet] = BrokerSessionQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering: ClassVar[list[str]] = ["-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(ended_at__isnull=True, access_token__isnull=False, end_reason="")
                | models.Q(
                    ended_at__isnull=False,
                    access_token__isnull=True,
                    end_reason__in=SessionEnd.values,
                ),
                name="broker_session_fields_fit",
            ),
            models.UniqueConstraint(
                fields=["account"],
                condition=models.Q(ended_at__isnull=True),
                name="broker_session_one_live",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["expires_at"],
                condition=models.Q(ended_at__isnull=True),
                name="broker_session_by_expiry",
            )
        ]

    def __str__(self) -> str:
        return self.public_id
