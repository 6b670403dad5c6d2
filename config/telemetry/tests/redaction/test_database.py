"""What PostgreSQL quotes of our rows."""

from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from config.jobs.models import Job
from config.telemetry.redaction import redact_text
from config.telemetry.redaction.database import without_literals


def error_of(sql: str, *parameters: Any) -> str:
    with (
        pytest.raises(DatabaseError) as caught,
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql, parameters)
    return str(caught.value)


@pytest.mark.django_db
def test_the_row_that_a_check_refuses_is_not_shown() -> None:
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        Job.objects.create(kind="hunter2 in\nthe row", owner_type="system")

    assert "hunter2" in str(caught.value)
    clean = redact_text(f"{caught.value}\n\nThe above exception was the direct cause of this:")
    assert "hunter2" not in clean
    assert "the row" not in clean
    assert "job_kind_is_dotted_words" in clean
    assert clean.endswith("\n\nThe above exception was the direct cause of this:")


@pytest.mark.django_db
def test_the_key_that_exists_already_is_not_shown() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE one (name text UNIQUE) ON COMMIT DROP")
        cursor.execute("INSERT INTO one VALUES ('hunter2 (it is)')")

    text = error_of("INSERT INTO one VALUES (%s)", "hunter2 (it is)")

    assert "hunter2" in text
    assert "hunter2" not in redact_text(text)
    assert "Key (name)=([redacted]" in redact_text(text)


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["integer", "uuid", "json", "timestamptz"])
def test_a_value_of_the_wrong_type_is_not_shown(kind: str) -> None:
    text = error_of(f"SELECT %s::text::{kind}", 'hunter2 "quoted"')

    assert "hunter2" in text
    assert "hunter2" not in redact_text(text)


def test_a_parameter_in_a_context_line_is_not_shown() -> None:
    text = "CONTEXT:  unnamed portal parameter $2 = 'it''s hunter2'\nnext"

    assert redact_text(text) == "CONTEXT:  unnamed portal parameter $2 = [redacted]\nnext"


@pytest.mark.parametrize(
    ("sql", "clean"),
    [
        (
            "SELECT * FROM t1 WHERE a = 'x''y' AND b = 42.5",
            "SELECT * FROM t1 WHERE a = ? AND b = ?",
        ),
        (r"INSERT INTO t VALUES (E'a\'b', '\x00ff'::bytea)", "INSERT INTO t VALUES (?, ?::bytea)"),
        ("SELECT 'cut off", "SELECT ?"),
        ('SELECT "accounts_user"."id" LIMIT 21', 'SELECT "accounts_user"."id" LIMIT ?'),
    ],
)
def test_a_statement_is_kept_without_its_values(sql: str, clean: str) -> None:
    assert without_literals(sql) == clean
