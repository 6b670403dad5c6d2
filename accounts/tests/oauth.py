"""Requests to the OAuth endpoints, as forms."""

import base64
from typing import Any
from urllib.parse import quote_plus, urlencode

from django.test import Client

FORM = "application/x-www-form-urlencoded"


def basic(client_id: str, secret: str) -> str:
    """The header of `client_secret_basic`."""
    pair = f"{quote_plus(client_id)}:{quote_plus(secret)}".encode()
    return f"Basic {base64.b64encode(pair).decode()}"


def post_form(
    path: str, form: dict[str, str], authorization: str | None = None, **extra: Any
) -> Any:
    """The answer to a form; `extra` are members of WSGI's environ, such as REMOTE_ADDR."""
    headers = {} if authorization is None else {"Authorization": authorization}
    return Client(**extra).post(path, urlencode(form), content_type=FORM, headers=headers)
