"""Staff who walk through the console's door, with their password and their authenticator app."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.tests.factories import PASSWORD, UserFactory
from authz.services.roles import grant_role
from config.telemetry import planted_secrets
from mfa.services import totp
from mfa.tests.factories import App

INDEX, LOGIN = reverse("admin:index"), reverse("admin:login")
SECOND = reverse("second-factor")


@dataclass
class Staff:
    """Somebody who supports people, and their authenticator app."""

    person: User
    app: App

    @property
    def email(self) -> str:
        return self.person.email


def make_staff(role: str = "support") -> Staff:
    person: User = UserFactory.create(password=PASSWORD)
    grant_role(user=person, role=role, granted_by=None, reason="test")
    app = App(totp.enroll(user=person).secret)
    with time_machine.travel(timezone.now() - timedelta(minutes=2)):
        planted_secrets.add(*totp.confirm(user=person, code=app.code()))
    return Staff(person, app)


def knock(browser: Client, email: str, password: str = PASSWORD) -> Any:
    """What the door answers to e-mail and password."""
    return browser.post(LOGIN, {"username": email, "password": password})


def walk_in(browser: Client, staff: Staff) -> None:
    """Password, then code."""
    assert knock(browser, staff.email)["Location"] == SECOND
    assert browser.post(SECOND, {"code": staff.app.code()})["Location"] == INDEX


def is_in(browser: Client) -> bool:
    return browser.get(INDEX).status_code == 200
