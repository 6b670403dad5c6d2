"""A change of address, step by step."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from rest_framework.test import APIClient

from accounts.tests.conftest import SignedIn, SignIn, post
from accounts.tests.email_change.addresses import NEW, OLD
from accounts.tests.factories import PASSWORD, UserFactory
from accounts.tests.mailed import token_to
from accounts.tests.second_factor import enrol


@pytest.fixture
def asha(sign_in: SignIn) -> SignedIn:
    """Somebody with a second factor, proved just now."""
    user = UserFactory.create(email=OLD, password=PASSWORD)
    signed_in = sign_in(user)
    enrol(signed_in)
    mail.outbox.clear()
    return signed_in


@pytest.fixture
def committed(django_capture_on_commit_callbacks: Any) -> Callable[..., Any]:
    """Do something, and what it leaves for after the commit."""

    def do(call: Callable[[], Any]) -> Any:
        with django_capture_on_commit_callbacks(execute=True):
            return call()

    return do


@pytest.fixture
def ask(asha: SignedIn, committed: Any) -> Callable[..., Any]:
    def asked(email: str = NEW) -> Any:
        return committed(lambda: post(asha.client, "/v1/auth/email/change", {"email": email}))

    return asked


@pytest.fixture
def confirm(committed: Any) -> Callable[..., Any]:
    def confirmed(token: str = "") -> Any:
        body = {"token": token or token_to(NEW)}
        return committed(lambda: post(APIClient(), "/v1/auth/email/change/confirm", body))

    return confirmed


@pytest.fixture
def disown(committed: Any, client: Any) -> Callable[..., Any]:
    def disowned(token: str = "") -> Any:
        body = {"token": token or token_to(OLD)}
        return committed(lambda: client.post("/accounts/not-my-change", body))

    return disowned
