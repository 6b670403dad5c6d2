"""The codes for the day when the authenticator app is lost."""

from datetime import datetime
from typing import ClassVar, Self
from uuid import UUID

from django.conf import settings
from django.db import models

from config.models import IdentifiedModel


class BackupCodeQuerySet(models.QuerySet["BackupCode"]):
    def of(self, user_id: UUID) -> Self:
        return self.filter(user_id=user_id)

    def unused(self) -> Self:
        return self.filter(used_at__isnull=True)

    def use(self, code_hash: bytes, *, at: datetime) -> bool:
        """Use up the code with this hash, in one statement: of any number of callers one hears True."""
        return self.unused().filter(code_hash=code_hash).update(used_at=at, updated_at=at) == 1


class BackupCode(IdentifiedModel):
    """One code, as a keyed hash: neither the database nor a copy of it says what to type."""

    PREFIX = "bkp"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    code_hash = models.BinaryField(max_length=32)
    used_at = models.DateTimeField(null=True)

    objects: ClassVar[models.Manager[Self]] = BackupCodeQuerySet.as_manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["user", "code_hash"], name="backup_code_unique")
        ]

    def __str__(self) -> str:
        return f"backup code of {self.user_id}"
