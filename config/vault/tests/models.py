"""Two tables with sealed columns that exist in tests alone; `conftest.py` makes them."""

from typing import ClassVar

from django.db import models

from config.models import IdentifiedModel
from config.vault.fields import SealedField
from config.vault.subjects import KeySubject


class Sealed(IdentifiedModel):
    owner = models.CharField(max_length=64)
    secret = SealedField(null=True)
    other = SealedField(null=True)

    class Meta:
        abstract = True

    @property
    def key_subject(self) -> KeySubject:
        return KeySubject("user", self.owner)


class Note(Sealed):
    PREFIX: ClassVar[str] = "note"
    objects: ClassVar[models.Manager["Note"]] = models.Manager()

    class Meta:
        app_label = "vault_tests"


class Memo(Sealed):
    PREFIX: ClassVar[str] = "memo"
    objects: ClassVar[models.Manager["Memo"]] = models.Manager()

    class Meta:
        app_label = "vault_tests"


class Counted(models.Model):
    """Its key is the database's, so a new row has none yet."""

    secret = SealedField(null=True)
    objects: ClassVar[models.Manager["Counted"]] = models.Manager()

    class Meta:
        app_label = "vault_tests"

    @property
    def key_subject(self) -> KeySubject:
        return KeySubject("platform", "counted")
