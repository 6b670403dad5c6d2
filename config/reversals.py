"""Migrations that are not undone as long as what they brought is in use."""

from typing import Any

from django.core.management.base import CommandError
from django.db import connections
from django.db.migrations import Migration
from django.db.migrations.operations.base import Operation


class ReversalRefusedError(CommandError):
    """Undoing the migration would lose something that whoever runs it has to see to first."""


class RefuseToReverse(Operation):
    """Does nothing forwards. Backwards it refuses while `counting`, a statement for a number, does not give 0; the
    sentence, which may name the `{count}`, says what to do first.

    An app that has one in a migration connects `refuse_reversals`, so that a refusal comes before anything is undone
    and not in the middle of the way.
    """

    reduces_to_sql = False

    def __init__(self, *, counting: str, sentence: str) -> None:
        self.counting = counting
        self.sentence = sentence

    def state_forwards(self, app_label: str, state: Any) -> None:
        pass

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        pass

    def database_backwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        self.require(schema_editor.connection)

    def describe(self) -> str:
        return "Refuse to be undone while what came with it is in use"

    def require(self, connection: Any) -> None:
        """Raises ReversalRefusedError."""
        with connection.cursor() as cursor:
            cursor.execute(self.counting)
            (count,) = cursor.fetchone()
        if count:
            raise ReversalRefusedError(self.sentence.format(count=count))


def refuse_reversals(*, using: str, plan: list[tuple[Migration, bool]], **_: Any) -> None:
    """For the signal `pre_migrate`: looks at everything that is about to be undone. Raises ReversalRefusedError."""
    for migration, backwards in plan:
        for operation in migration.operations if backwards else ():
            if isinstance(operation, RefuseToReverse):
                operation.require(connections[using])
