"""A login that somebody has begun at the broker and not come back from."""

from datetime import datetime
from typing import ClassVar, Self

from django.conf import settings
from django.db import models

from config.models import IdentifiedModel
from trading.models.account import TradingAccount
from trading.models.credential import CredentialVersion


class LoginAttemptQuerySet(models.QuerySet["LoginAttempt"]):
    def open(self, at: datetime) -> Self:
        """Those whose state may still be redeemed."""
        return self.filter(consumed_at__isnull=True, expires_at__gt=at)


class LoginAttempt(IdentifiedModel):
    """The state that the broker echoes belongs to one person, one account and one version of its credentials.
    Only its hash is kept, so what is in the database cannot finish a login."""

    PREFIX = "lgn"

    account = models.ForeignKey(
        TradingAccount, on_delete=models.CASCADE, related_name="login_attempts"
    )
    credential = models.ForeignKey(CredentialVersion, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    state_hash = models.BinaryField(max_length=32, unique=True, editable=False)
    expires_at = models.DateTimeField(db_index=True)
    consumed_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[LoginAttemptQuerySet] = LoginAttemptQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering: ClassVar[list[str]] = ["-id"]

    def __str__(self) -> str:
        return self.public_id
