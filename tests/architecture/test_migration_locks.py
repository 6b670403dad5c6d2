"""No migration keeps a live service waiting: squawk reads the SQL of each, and what it may complain of has a reason.

A table that the migration itself makes is nobody's yet, so statements on it are left out; `migration_locks.toml` names
the rest, with why it is harmless or was.
"""

import json
import re
import subprocess
import tomllib
from collections import defaultdict
from pathlib import Path

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from config.settings.sections.section import PROJECT_ROOT
from tests.architecture.test_migrations import ours

ACCEPTED = Path(__file__).with_name("migration_locks.toml")
# Not about locks, or held for all migrations in one place: `gatehouse prepare` sets DATABASE_LOCK_TIMEOUT.
LEFT_OUT = (
    "ban-char-field",
    "prefer-bigint-over-int",
    "prefer-bigint-over-smallint",
    "prefer-identity",
    "prefer-robust-stmts",
    "prefer-text-field",
    "require-lock-timeout",
    "require-statement-timeout",
)
TABLE = re.compile(r'^(?:ALTER TABLE|CREATE (?:UNIQUE )?INDEX \S+ ON) "(\w+)"')
CREATED = re.compile(r'^CREATE TABLE "(\w+)"', re.MULTILINE)
OLDEST_POSTGRESQL = "15"

Complaints = dict[str, set[str]]


def complaints(files: list[Path], *options: str) -> Complaints:
    """The rules that each migration breaks on tables that were there before it."""
    done = subprocess.run(
        [
            PROJECT_ROOT / ".venv" / "bin" / "squawk",
            "--reporter=json",
            f"--pg-version={OLDEST_POSTGRESQL}",
            f"--exclude={','.join(LEFT_OUT)}",
            *options,
            *files,
        ],
        check=False,
        capture_output=True,
        text=True,
    )
    found: Complaints = defaultdict(set)
    texts = {path.name: path.read_text() for path in files}
    for each in json.loads(done.stdout):
        text = texts[Path(each["file"]).name]
        table = TABLE.match(text.splitlines()[each["line"]])
        if table is None or table[1] not in CREATED.findall(text):
            found[Path(each["file"]).stem].add(each["rule_name"])
    return found


@pytest.mark.django_db(transaction=True)
def test_no_migration_keeps_a_live_service_waiting(tmp_path: Path) -> None:
    loader = MigrationLoader(connection, replace_migrations=False)
    files: dict[bool, list[Path]] = {True: [], False: []}
    for migration in ours():
        sql = loader.collect_sql([(loader.graph.nodes[migration.app_label, migration.name], False)])
        path = tmp_path / f"{migration.app_label}.{migration.name}.sql"
        path.write_text("\n".join(sql) + "\n")
        files[migration.atomic].append(path)
    assert len(files[True]) > 30
    assert len(files[False]) > 3
    found = complaints(files[True], "--assume-in-transaction") | complaints(files[False])
    accepted = {
        each["migration"]: set(each["rules"])
        for each in tomllib.loads(ACCEPTED.read_text())["accepted"]
    }
    assert found == accepted


def test_everything_that_is_accepted_has_its_reason() -> None:
    for each in tomllib.loads(ACCEPTED.read_text())["accepted"]:
        assert len(each["reason"].split()) > 5, each["migration"]


@pytest.mark.parametrize(
    ("sql", "rule"),
    [
        ('CREATE INDEX "i" ON "people" ("email");', "require-concurrent-index-creation"),
        ('ALTER TABLE "people" ADD COLUMN "age" integer NOT NULL;', "adding-required-field"),
        ('ALTER TABLE "people" ALTER COLUMN "age" TYPE bigint;', "changing-column-type"),
        ('ALTER TABLE "people" RENAME COLUMN "age" TO "years";', "renaming-column"),
        ('ALTER TABLE "people" DROP COLUMN "age";', "ban-drop-column"),
        ('ALTER TABLE "people" ALTER COLUMN "age" SET NOT NULL;', "adding-not-nullable-field"),
        (
            'ALTER TABLE "people" ADD CONSTRAINT "c" CHECK ("age" > 0);',
            "constraint-missing-not-valid",
        ),
    ],
)
def test_what_would_lock_or_break_is_noticed(sql: str, rule: str, tmp_path: Path) -> None:
    path = tmp_path / "people.0002_harm.sql"
    path.write_text(f"{sql}\n")
    assert rule in complaints([path], "--assume-in-transaction")["people.0002_harm"]
    path.write_text(f'CREATE TABLE "people" ("id" bigint);\n{sql}\n')
    assert not complaints([path], "--assume-in-transaction")
