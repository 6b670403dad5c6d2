"""What is trusted is what is true now, in every process, whatever Redis says."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.errors import InvalidTokenError
from accounts.events.platform import TOKEN_TRUST
from accounts.services import access_tokens, service_clients, signing_keys, token_trust
from accounts.tests.issuing import issue_person_token
from authz.freshness import stamps

VERIFIER = """
import json, sys
import django
django.setup()
from accounts.errors import InvalidTokenError
from accounts.services import access_tokens
for line in sys.stdin:
    try:
        answer = sorted(access_tokens.verify(line.strip()).scope)
    except InvalidTokenError:
        answer = "refused"
    print(json.dumps(answer), flush=True)
"""


@dataclass
class OtherProcess:
    """A process of its own on the same database and Redis, which verifies what it is told to."""

    process: "subprocess.Popen[str]"

    def verify(self, token: str) -> Any:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(token + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


@pytest.fixture
def other_process(transactional_db: None) -> Iterator[OtherProcess]:
    database = urlsplit(settings.DATABASE_URL)._replace(path=f"/{connection.settings_dict['NAME']}")
    variables = {
        **os.environ,
        "DATABASE_URL": database.geturl(),
        "REDIS_URL": settings.REDIS_URL,
        "DJANGO_SETTINGS_MODULE": settings.SETTINGS_MODULE,
    }
    with subprocess.Popen(
        [sys.executable, "-c", VERIFIER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=variables,
        cwd=settings.BASE_DIR,
    ) as process:
        yield OtherProcess(process)
        assert process.stdin is not None
        process.stdin.close()


def test_a_key_revoked_here_is_refused_in_another_process_at_once(
    other_process: OtherProcess,
) -> None:
    kid = signing_keys.ensure_first().kid
    token = issue_person_token(scope=["users:read"])
    assert other_process.verify(token) == ["users:read"]

    signing_keys.revoke(kid=kid, reason="leaked")

    assert other_process.verify(token) == "refused"
    assert other_process.verify(issue_person_token(scope=["audit:read"])) == ["audit:read"]


def test_a_client_disabled_here_is_refused_in_another_process_at_once(
    other_process: OtherProcess,
) -> None:
    signing_keys.ensure_first()
    client = service_clients.create(
        name="t", client_id="t", scopes=["authz:check", "audit:read"]
    ).client
    token = access_tokens.issue_service_token(client=client, scopes=client.scopes).token
    assert other_process.verify(token) == ["audit:read", "authz:check"]

    service_clients.update(client_id="t", name="t", scopes=["authz:check"])
    assert other_process.verify(token) == ["authz:check"]

    service_clients.disable(client_id="t")
    assert other_process.verify(token) == "refused"

    service_clients.enable(client_id="t")
    assert other_process.verify(token) == ["authz:check"]


@pytest.mark.django_db
def test_a_remembered_token_costs_one_look_at_the_stamp() -> None:
    signing_keys.ensure_first()
    token = issue_person_token()
    access_tokens.verify(token)

    with CaptureQueriesContext(connection) as queries:
        access_tokens.verify(token)

    assert [query["sql"].split()[0:1] for query in queries] == [["SELECT"]]
    assert "stamp" in queries[0]["sql"]


@pytest.mark.django_db
def test_a_caller_who_brings_the_stamp_along_pays_nothing() -> None:
    signing_keys.ensure_first()
    token = issue_person_token()
    stamp = stamps.current([TOKEN_TRUST])[TOKEN_TRUST]
    access_tokens.verify(token, stamp=stamp)

    with CaptureQueriesContext(connection) as queries:
        access_tokens.verify(token, stamp=stamp)

    assert len(queries) == 0


@pytest.mark.django_db
def test_a_new_stamp_makes_the_process_read_keys_and_clients_anew() -> None:
    signing_keys.ensure_first()
    before = token_trust.current()
    assert token_trust.current() is before

    service_clients.create(name="t", client_id="t", scopes=["authz:check"])

    after = token_trust.current()
    assert "t" not in before.clients
    assert after.clients["t"].scopes == {"authz:check"}


@pytest.mark.django_db
def test_a_change_that_was_rolled_back_changes_nothing() -> None:
    from django.db import transaction

    kid = signing_keys.ensure_first().kid
    token = issue_person_token()

    with transaction.atomic():
        signing_keys.revoke(kid=kid, reason="leaked")
        with pytest.raises(InvalidTokenError):
            access_tokens.verify(token)
        transaction.set_rollback(True)

    assert access_tokens.verify(token).kid == kid
