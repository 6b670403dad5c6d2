"""The tables of `models.py`, and an empty memory of opened keys before each test."""

from typing import Any

import pytest
from django.db import connection

from config.vault.opened_keys import opened_keys
from config.vault.tests.key_services import (  # noqa: F401 - fixtures
    _running_transit,
    aws_kms,
    kms_url,
    transit,
)
from config.vault.tests.models import Counted, Memo, Note


@pytest.fixture(scope="session")
def sealed_tables(django_db_setup: None, django_db_blocker: Any) -> None:
    with django_db_blocker.unblock(), connection.schema_editor() as editor:
        for model in (Note, Memo, Counted):
            editor.execute(f"DROP TABLE IF EXISTS {editor.quote_name(model._meta.db_table)}")
            editor.create_model(model)


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    opened_keys.clear()
