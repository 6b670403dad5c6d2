"""The data keys: one for each subject, wrapped by the key management service."""

from typing import Any, ClassVar, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from config.models import IdentifiedModel
from config.vault.providers.base import KEK, WrappedKey
from config.vault.subjects import KeySubject


class DataKeyQuerySet(models.QuerySet["DataKey"]):
    def live(self) -> Self:
        """Keys that still open what they sealed."""
        return self.filter(destroyed_at__isnull=True)

    def destroyed(self) -> Self:
        return self.filter(destroyed_at__isnull=False)

    def under(self, kek: KEK) -> Self:
        return self.filter(provider=kek.provider, kek_id=kek.id, kek_version=kek.version)

    def not_under(self, kek: KEK) -> Self:
        """Those under another key, or an older version of it. A newer version is one that came since."""
        return self.exclude(provider=kek.provider, kek_id=kek.id, kek_version__gte=kek.version)

    def of_subject(self, subject: KeySubject) -> Self:
        return self.of(subject.kind, subject.id)

    def of(self, kind: str, subject_id: str) -> Self:
        return self.filter(subject_kind=kind, subject_id=subject_id)


class DataKey(IdentifiedModel):
    """A data key, readable only with the key management service. A destroyed one keeps its row, not its bytes."""

    PREFIX = "dek"

    subject_kind = models.CharField(max_length=32)
    subject_id = models.CharField(max_length=128)
    provider = models.CharField(max_length=16)
    kek_id = models.CharField(max_length=256)
    kek_version = models.PositiveIntegerField()
    wrapped = models.BinaryField(null=True)
    destroyed_at = models.DateTimeField(null=True)

    objects: ClassVar[models.Manager[Self]] = DataKeyQuerySet.as_manager()

    class Meta:
        verbose_name = _("data key")
        verbose_name_plural = _("data keys")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["subject_kind", "subject_id"],
                condition=models.Q(destroyed_at__isnull=True),
                name="data_key_one_live_per_subject",
            ),
            models.CheckConstraint(
                condition=models.Q(destroyed_at__isnull=True, wrapped__isnull=False)
                | models.Q(destroyed_at__isnull=False, wrapped__isnull=True),
                name="data_key_destroyed_has_no_bytes",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["provider", "kek_id", "kek_version"],
                condition=models.Q(destroyed_at__isnull=True),
                name="data_key_by_kek",
            )
        ]

    def __str__(self) -> str:
        return f"data key of {self.subject.canonical}"

    @classmethod
    def indexed_rows(cls) -> "models.QuerySet[Any]":
        """The keys that the indexes are of: what was destroyed is of no kind that is not there otherwise."""
        return cls.objects.filter(destroyed_at__isnull=True)

    @property
    def subject(self) -> KeySubject:
        return KeySubject(self.subject_kind, self.subject_id)

    @property
    def kek(self) -> KEK:
        """What wrapped it."""
        return KEK(provider=self.provider, id=self.kek_id, version=self.kek_version)

    @property
    def is_destroyed(self) -> bool:
        return self.destroyed_at is not None

    def as_wrapped(self) -> WrappedKey:
        """What the key management service needs to open it. Raises ValueError for a destroyed key."""
        if self.wrapped is None:
            raise ValueError("a destroyed data key has no bytes")
        return WrappedKey(kek=self.kek, ciphertext=bytes(self.wrapped))
