"""The database before the processes start."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from config.devstack import preparation


@pytest.mark.django_db(transaction=True)
def test_a_database_that_is_up_to_date_is_only_bootstrapped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    commands: list[str] = []

    def noting(name: str, *args: Any, **options: Any) -> Any:
        commands.append(name)
        return call_command(name, *args, **options)

    monkeypatch.setattr(preparation, "call_command", noting)
    link = preparation.prepare()
    assert commands == ["bootstrap"]
    assert urlsplit(link).netloc == urlsplit(settings.ENVIRONMENT.public_url).netloc


@pytest.mark.django_db(transaction=True)
def test_made_up_people_come_into_a_database_without_people_alone(
    monkeypatch: pytest.MonkeyPatch, environment: Callable[..., None]
) -> None:
    commands: list[tuple[str, bool]] = []

    def noting(name: str, *args: Any, **options: Any) -> Any:
        commands.append((name, options.get("if_empty", False)))
        return call_command(name, *args, **options) if name == "bootstrap" else None

    monkeypatch.setattr(preparation, "call_command", noting)
    environment(demo_data=True)
    preparation.prepare()
    assert commands == [("bootstrap", False), ("seed_demo", True)]


@pytest.mark.django_db(transaction=True)
def test_what_is_missing_is_migrated_first() -> None:
    applied = MigrationRecorder(connection)
    applied.record_unapplied("sessions", "0001_initial")
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE django_session")
    preparation.prepare()
    assert ("sessions", "0001_initial") in applied.applied_migrations()
    assert "django_session" in connection.introspection.table_names()
