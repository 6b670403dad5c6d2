"""The Python of `docs/integrators/verify-a-token.md`, word for word against a running server."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from accounts.models import SigningKey
from accounts.services import signing_keys
from accounts.tests.forging import active_key, person_claims, signed
from accounts.tests.issuing import issue_person_token

PAGE = Path(settings.BASE_DIR, "docs", "integrators", "verify-a-token.md")

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def url(live_server: Any, environment: Any) -> str:
    environment(public_url=live_server.url)
    signing_keys.ensure_first()
    return str(live_server.url)


def run(url: str, token: str) -> "subprocess.CompletedProcess[str]":
    [code] = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    return subprocess.run(
        [sys.executable, "-c", code, token],
        env={**os.environ, "GATEHOUSE_URL": url},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_it_verifies_a_genuine_token(url: str) -> None:
    done = run(url, issue_person_token(user_id="usr_01h455vb4pex5vsknk084sn02q"))

    assert done.stdout.strip() == "usr_01h455vb4pex5vsknk084sn02q", done.stderr


@pytest.mark.parametrize(
    ("claims", "header"),
    [
        ({"exp": 1}, {}),
        ({"aud": "other"}, {}),
        ({"iss": "https://evil.example"}, {}),
        ({"client_id": None}, {}),
        ({}, {"typ": "JWT"}),
        ({}, {"kid": "unknown"}),
    ],
)
def test_it_refuses_what_we_would_refuse(
    url: str, claims: dict[str, Any], header: dict[str, Any]
) -> None:
    key: SigningKey = active_key()
    done = run(url, signed(person_claims(**claims), key=key, **header))

    assert done.returncode != 0
    assert done.stdout == ""
