"""The drill: a backup is made, everything is lost, and another server takes over."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from psycopg import sql

from accounts.models import User
from accounts.models.session import SignInMethod
from accounts.services import sessions
from accounts.services.sessions import Device
from audit.services import chaining, checkpoints
from config.vault.sealing import open_field, shred
from events.tests.processes import Valkey, database_url_of_the_tests
from mfa.tests.factories import an_enrolled_person, device_of

WHAT_IS_THERE = """
import json
from accounts.models import Session, User
from config.vault.errors import KeyDestroyedError
from config.vault.sealing import open_field
from mfa.models import TotpDevice
from events.models import OutboxEvent
print(json.dumps({
    "people": {user.public_id: user.status for user in User.objects.all()},
    "apps": {
        device.user.public_id: open_field(device, "secret").hex()
        for device in TotpDevice.objects.select_related("user")
    },
    "sessions": [[session.public_id, session.end_reason] for session in Session.objects.all()],
    "told": OutboxEvent.objects.filter(event_type="user.session.ended.v1").count(),
}))
"""


class Place:
    """A database and a Redis, with nothing in them yet."""

    def __init__(self, database: str, valkey: Valkey) -> None:
        self.environment = os.environ | {
            "DATABASE_URL": database_url_of_the_tests().replace(
                f"/{connection.settings_dict['NAME']}", f"/{database}"
            ),
            "REDIS_URL": valkey.url,
            "DJANGO_SETTINGS_MODULE": "config.settings.test",
        }

    def manage(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=settings.BASE_DIR,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@contextmanager
def another_database() -> Iterator[str]:
    name = f"{connection.settings_dict['NAME']}_restored"
    with connection.cursor() as cursor:
        drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        cursor.execute(drop.as_string())
        create = sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name))
        cursor.execute(create.as_string())
        try:
            yield name
        finally:
            cursor.execute(drop.as_string())


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    valkey = Valkey(tmp_path / "valkey")
    valkey.start()
    try:
        with another_database() as database:
            yield Place(database, valkey)
    finally:
        valkey.stop()


@pytest.mark.django_db(transaction=True)
def test_from_a_backup_another_server_takes_over(place: Place, tmp_path: Path) -> None:
    kept, erased = an_enrolled_person()[0], an_enrolled_person()[0]
    secret = open_field(device_of(kept), "secret")
    session = sessions.begin(
        user=User.objects.get(pk=kept.pk),
        method=SignInMethod.PASSWORD,
        amr=("pwd",),
        device=Device(),
    )
    chaining.chain_waiting()
    checkpoints.sign_all()

    call_command("backup", str(tmp_path / "backup"), stdout=StringIO())
    shred(device_of(erased).key_subject)  # after the backup, which has the key still
    ledger = tmp_path / "ledger.jsonl"
    with ledger.open("w") as out:
        call_command("vault_erasures", "export", stdout=out)
    told = place.manage("restore", str(tmp_path / "backup"), "--ledger", str(ledger))

    assert "ledger.jsonl: 1 keys destroyed again" in told
    assert "secrets: open, of 1 keys" in told
    assert "all as they were written" in told
    assert "sessions: 1 ended" in told
    there = json.loads(place.manage("shell", "--no-imports", "-c", WHAT_IS_THERE).splitlines()[-1])
    assert there["people"] == {kept.public_id: "active", erased.public_id: "erased"}
    assert there["apps"] == {kept.public_id: secret.hex()}
    assert there["sessions"] == [[session.public_id, "revoked"]]
    assert there["told"] >= 1
    assert "all as it was written" in place.manage("audit_verify")
