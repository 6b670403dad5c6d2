"""A browser with somebody signed in to the console."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.tests.browsers import sign_in_browser
from authz.services.roles import grant_role
from authz.tests.factories import make_person

SignIn = Callable[..., Client]


@pytest.fixture
def console() -> SignIn:
    """`console("admin")`: signed in as somebody with that role; `console(person=…)` as that person."""

    def sign_in(role: str = "admin", *, person: Any = None) -> Client:
        person = person or make_person()
        grant_role(user=person, role=role, granted_by=None, reason="a test")
        return sign_in_browser(person)

    return sign_in


def text_of(answer: Any) -> str:
    """The page as text."""
    return str(answer.content.decode())


def queries_of(browser: Client, address: str) -> int:
    """How many queries a page costs once everything is warm."""
    browser.get(address)
    with CaptureQueriesContext(connection) as captured:
        browser.get(address)
    return len(captured)
