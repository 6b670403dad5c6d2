"""Freshness stamps: for everything that decisions remember, the mark of its last change."""

from typing import Any, ClassVar

from django.db import models


class TransactionId(models.Field):  # type: ignore[type-arg]  # it takes none when it runs
    """PostgreSQL's full transaction id (`xid8`), which never wraps around."""

    def db_type(self, connection: Any) -> str:
        return "xid8"


class CurrentTransactionId(models.Func):
    """The id of the transaction at hand."""

    function = "pg_current_xact_id"
    output_field = TransactionId()


class Stamp(models.Model):
    """`name` is an entity (`user:usr_…`) or `policies`; `value` is new at every change and never comes back.

    Written in the transaction of the change itself, which is `changed_in`. No row means that it has not changed since
    stamps are kept.
    """

    name = models.CharField(max_length=300, primary_key=True)
    value = models.UUIDField()
    changed_in = TransactionId(db_default=CurrentTransactionId(), editable=False)

    class Meta:
        verbose_name = "freshness stamp"
        default_permissions: ClassVar[tuple[str, ...]] = ()
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["changed_in"], name="stamp_by_transaction")
        ]

    def __str__(self) -> str:
        return self.name
