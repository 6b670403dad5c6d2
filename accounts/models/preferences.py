"""What a person chose about how the platform behaves for them."""

from django.conf import settings
from django.db import models

from config.models import TimestampedModel


class Preferences(TimestampedModel):
    """One row a person. `values` is the validated document of `accounts.services.preferences`."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="preferences",
    )
    values = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name_plural = "preferences"

    def __str__(self) -> str:
        return f"preferences of {self.user_id}"
