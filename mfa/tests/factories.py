"""Made-up people, and an authenticator app of our own for tests."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import time_machine
from django.contrib.auth import get_user_model
from django.utils import timezone

from config.telemetry import planted_secrets
from mfa.models import TotpDevice
from mfa.person import Person
from mfa.services import passkeys, totp
from mfa.tests.authenticator import Authenticator

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

# The start of a time step, with whole steps before and after.
START = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
STEP = timedelta(seconds=30)


class App:
    """RFC 6238 and RFC 4226 written down once more, so that tests do not ask the code whether it is right."""

    def __init__(self, secret: str) -> None:
        planted_secrets.add(secret)
        self._key = base64.b32decode(secret)

    def code(self, *, steps: int = 0) -> str:
        """What the app shows now, or showed or will show some steps from now."""
        counter = int(timezone.now().timestamp()) // 30 + steps
        digest = hmac.new(self._key, counter.to_bytes(8, "big"), hashlib.sha1).digest()
        start = digest[-1] & 15
        number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFFFFFF
        return f"{number % 1_000_000:06}"

    def wrong_code(self) -> str:
        """Six digits that no step near now has."""
        right = {self.code(steps=steps) for steps in range(-3, 4)}
        return next(f"{n:06}" for n in range(10) if f"{n:06}" not in right)


def a_person() -> "Person":
    person: AbstractBaseUser = get_user_model()(
        email=f"{uuid4().hex}@example.com",
        name="Asha Rao",
        status="active",
        email_verified_at=timezone.now(),
    )
    person.set_unusable_password()
    person.save()
    return person  # type: ignore[return-value]


def an_enrolled_person() -> tuple["Person", App, tuple[str, ...]]:
    """A person, their app, and their backup codes. The code that confirmed the app was one of two steps ago."""
    person = a_person()
    app = App(totp.enroll(user=person).secret)
    with time_machine.travel(timezone.now() - 2 * STEP, tick=False):
        codes = totp.confirm(user=person, code=app.code())
    planted_secrets.add(*codes)
    return person, app, codes


def device_of(person: "Person") -> TotpDevice:
    device: TotpDevice = TotpDevice.objects.of(person.pk).get()
    return device


def a_passkey(person: "Person", **device: Any) -> Authenticator:
    """An authenticator that holds a passkey of `person`; `device` says how it behaves."""
    authenticator = Authenticator(**device)
    options = passkeys.begin(user=person, binding="test")
    added = passkeys.add(
        user=person, credential=authenticator.create(options), name="Phone", binding="test"
    )
    planted_secrets.add(*added.backup_codes)
    return authenticator
