"""Who looks at the console."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.tests.browsers import sign_in_browser
from accounts.tests.factories import UserFactory
from authz.services import shipped
from authz.services.roles import grant_role

AtConsole = Callable[[str], Client]


@pytest.fixture
def at_console(db: None) -> AtConsole:
    """`at_console("admin")` is the browser of somebody who holds that role and has proved two factors."""
    shipped.install()

    def sign_in(role: str) -> Client:
        person = UserFactory.create()
        grant_role(user=person, role=role, granted_by=None, reason="test")
        return sign_in_browser(person)

    return sign_in
