"""`docs/integrators/service-clients.md`: its program runs as it is, and what it lists is all there is."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from django.conf import settings
from django.core.management import call_command

from accounts.models.service_client import ServiceScope
from accounts.services import access_tokens, service_clients, signing_keys
from accounts.services.client_jwks import ALGORITHMS
from accounts.services.service_clients import ClientKeys
from accounts.tests.client_keys import jwks, key_pair

PAGE = Path(settings.BASE_DIR, "docs", "integrators", "service-clients.md").read_text()


@pytest.mark.django_db(transaction=True)
def test_the_program_gets_a_token_with_a_key_of_its_own(
    live_server: Any, environment: Any, tmp_path: Path
) -> None:
    environment(public_url=live_server.url)
    signing_keys.ensure_first()
    pair = key_pair("ES256")
    service_clients.create_with_keys(
        name="o", client_id="orders", scopes=["events:read"], keys=ClientKeys(jwks=jwks(pair))
    )
    file = tmp_path / "private.pem"
    file.write_bytes(
        pair.private_key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    [program] = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)

    done = subprocess.run(
        [sys.executable, "-c", program],
        env={
            **os.environ,
            "GATEHOUSE_URL": live_server.url,
            "CLIENT_ID": "orders",
            "PRIVATE_KEY": str(file),
            "KEY_ID": pair.kid,
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert access_tokens.verify(done.stdout.strip()).client_id == "orders"


def test_every_scope_and_algorithm_is_on_the_page() -> None:
    table = PAGE.split("| scope | opens |")[1].split("\n\n")[0]

    assert set(re.findall(r"^\| `(.+?)` \|", table, re.MULTILINE)) == set(ServiceScope.values)
    assert all(f"`{algorithm}`" in PAGE for algorithm in ALGORITHMS)


@pytest.mark.django_db
def test_its_commands_are_those_that_there_are(tmp_path: Path, monkeypatch: Any) -> None:
    import json
    import shlex

    from config.http.tests.test_client_certificate import PEM

    monkeypatch.chdir(tmp_path)
    Path("ticker-public.json").write_text(json.dumps(jwks(key_pair("ES256"))))
    Path("orders.pem").write_text(PEM)
    blocks = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    commands = [line for line in lines if line.startswith("manage.py") and "--help" not in line]

    assert len(commands) >= 6
    for command in commands:
        call_command(*shlex.split(command)[1:])
