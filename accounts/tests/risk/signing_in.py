"""Signing in from somewhere, on something."""

import re
from typing import Any

from django.core import mail
from django.test import Client, TestCase
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.conftest import post
from accounts.tests.factories import PASSWORD
from config.tests.mmdb import IN_PUNE

WINDOWS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36"
)
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
    " Version/18.0 Mobile/15E148 Safari/604.1"
)


def log_in(
    user: User, *, ip: str = IN_PUNE, on: str = WINDOWS, password: str = PASSWORD, **more: Any
) -> Any:
    """The answer to a sign-in from `ip` with the browser `on`."""
    client = APIClient(REMOTE_ADDR=ip, HTTP_USER_AGENT=on)
    body = {"email": user.email, "password": password, **more}
    with TestCase.captureOnCommitCallbacks(execute=True):
        return post(client, "/v1/auth/login", body)


def answer(path: str, **form: str) -> Any:
    """What a page says when its button is pressed."""
    with TestCase.captureOnCommitCallbacks(execute=True):
        return Client().post(path, form)


def mailed_link() -> str:
    """The token of the link in the last mail."""
    found = re.search(r"token=(\S+)", str(mail.outbox[-1].body))
    assert found, mail.outbox[-1].body
    return found[1]
