"""Every migration of ours has a way back."""

from collections.abc import Iterator

from django.apps import apps
from django.conf import settings
from django.db.migrations import Migration
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation


def ours() -> Iterator[Migration]:
    labels = {
        app.label
        for app in apps.get_app_configs()
        if str(app.path).startswith(str(settings.BASE_DIR)) and "site-packages" not in app.path
    }
    for (label, _), migration in MigrationLoader(None).disk_migrations.items():
        if label in labels:
            yield migration


def steps(migration: Migration) -> Iterator[Operation]:
    for operation in migration.operations:
        yield operation
        yield from getattr(operation, "database_operations", ())


def test_no_step_is_one_way() -> None:
    looked_at = list(ours())
    assert {migration.app_label for migration in looked_at} >= {
        "trading",
        "accounts",
        "audit",
        "vault",
    }
    one_way = [
        f"{migration}: {step.describe()}"
        for migration in looked_at
        for step in steps(migration)
        if not step.reversible
    ]
    assert one_way == []
