"""Freshness stamps: for everything that decisions remember, the mark of its last change."""

from typing import ClassVar

from django.db import models


class Stamp(models.Model):
    """`name` is an entity (`user:usr_…`) or `policies`; `value` is new at every change and never comes back.

    Written in the transaction of the change itself. No row means that it has not changed since stamps are kept.
    """

    name = models.CharField(max_length=300, primary_key=True)
    value = models.UUIDField()

    class Meta:
        verbose_name = "freshness stamp"
        default_permissions: ClassVar[tuple[str, ...]] = ()

    def __str__(self) -> str:
        return self.name
