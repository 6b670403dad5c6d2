"""Somebody, and their browser."""

import pytest
from django.test import Client

from accounts.models import User
from accounts.tests.browsers import sign_in_browser
from accounts.tests.factories import UserFactory


@pytest.fixture
def asha() -> User:
    user: User = UserFactory.create(email="asha@example.com", name="Asha Rao")
    return user


@pytest.fixture
def browser(asha: User) -> Client:
    """Signed in, a second factor proved just now."""
    return sign_in_browser(asha)
