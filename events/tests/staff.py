"""Staff at the console."""

from django.test import Client

from accounts.tests.browsers import sign_in_browser
from accounts.tests.factories import UserFactory
from authz.services.roles import grant_role
from authz.tests import shipped_rules


def browser_of(role: str) -> Client:
    """The browser of somebody who holds `role` and has signed in to the console."""
    shipped_rules.install()
    person = UserFactory.create()
    grant_role(user=person, role=role, granted_by=None, reason="test")
    return sign_in_browser(person)
