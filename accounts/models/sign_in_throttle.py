"""How often signing in to an address has failed lately, whether or not somebody has that address."""

from typing import ClassVar

from django.db import models


class SignInThrottle(models.Model):
    """Keyed by a keyed hash of the lower-case address, so that the table tells nobody who tried."""

    address_hash = models.BinaryField(primary_key=True, max_length=32)
    failures = models.PositiveIntegerField(default=0)
    window_ends_at = models.DateTimeField()
    blocked_until = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["window_ends_at"], name="sign_in_throttle_window")
        ]

    def __str__(self) -> str:
        return f"{self.failures} failures"
