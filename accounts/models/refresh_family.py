"""The chain of refresh tokens of one session. Only hashes are stored."""

from typing import ClassVar

from django.db import models

from accounts.models.session import Session
from config.models import TimestampedModel


class RefreshFamily(TimestampedModel):
    """`generation` counts rotations. Whether the family lives is its session's to say."""

    session = models.OneToOneField(
        Session, on_delete=models.CASCADE, primary_key=True, related_name="family"
    )
    current_hash = models.BinaryField(max_length=32)
    previous_hash = models.BinaryField(max_length=32, null=True)
    rotated_at = models.DateTimeField(null=True)
    rotated_by = models.BinaryField(max_length=32, null=True)
    generation = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name_plural = "refresh families"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(generation=0, previous_hash=None, rotated_at=None)
                | models.Q(generation__gt=0, previous_hash__isnull=False, rotated_at__isnull=False),
                name="refresh_family_rotation_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"family of {self.session_id}"
