"""The secret of the app and the backup codes are readable nowhere: not in rows, reprs, logs or events."""

import base64
import logging

import pytest
import structlog
from django.db import connection

from events.domain import DomainEvent
from mfa.services import backup_codes, totp, verification
from mfa.tests.factories import App, a_person, device_of

pytestmark = pytest.mark.django_db


def rows(table: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table}")  # noqa: S608 - a name of this test
        return "".join(
            bytes(value).hex() if isinstance(value, memoryview | bytes) else str(value)
            for row in cursor.fetchall()
            for value in row
        )


def test_the_whole_life_of_a_factor_leaves_no_secret_behind(
    caplog: pytest.LogCaptureFixture, told: list[DomainEvent]
) -> None:
    caplog.set_level(logging.DEBUG)
    person = a_person()
    with structlog.testing.capture_logs() as lines:
        enrolment = totp.enroll(user=person)
        app = App(enrolment.secret)
        device = device_of(person)
        codes = totp.confirm(user=person, code=app.code())
        verification.verify(user=person, code=codes[0])
        codes += backup_codes.regenerate(user=person)
    shown = f"{enrolment!r} {device!r} {device} {device.secret!r} {lines} {caplog.text} {told}"
    stored = rows("mfa_totpdevice") + rows("mfa_backupcode")
    secret = base64.b32decode(enrolment.secret)
    for text in (shown, stored):
        assert enrolment.secret not in text
        assert secret.hex() not in text
        for code in codes:
            assert code not in text
            assert code.encode().hex() not in text
