"""Django's way to the replicas. In force where DATABASE_REPLICA_URLS is set."""

from typing import Any

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Model

from config.replicas.reading import source_of


class ReplicaRouter:
    """Everything goes to the primary but for what `config.replicas.reading` sends elsewhere. Rows that came from a
    replica are changed, and what belongs to them is looked up, at the primary.
    """

    def db_for_read(self, model: type[Model], **hints: Any) -> str:
        return source_of(model) or DEFAULT_DB_ALIAS

    def db_for_write(self, model: type[Model], **hints: Any) -> str:
        return DEFAULT_DB_ALIAS

    def allow_relation(self, one: Model, other: Model, **hints: Any) -> bool:
        return True

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return db == DEFAULT_DB_ALIAS
