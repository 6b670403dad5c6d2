"""`docs/integrators/broker-credentials.md`: its program runs as it is, and each refusal on it is one of ours."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from pydantic import SecretStr

from accounts.services import service_clients, signing_keys, status
from accounts.services.service_clients import IssuedSecret
from accounts.tests.oauth import basic, post_form
from audit.models import AuthEvent
from authz.services import policies
from config.telemetry import planted_secrets
from config.vault.opened_keys import opened_keys
from trading.api.views.services import CredentialsView
from trading.models import AccountStatus, TradingAccount
from trading.tests.factories import ACCESS_TOKEN, API_KEY, API_SECRET, active_account

pytestmark = pytest.mark.django_db

PAGE = Path(settings.BASE_DIR, "docs", "integrators", "broker-credentials.md").read_text()
ROW = re.compile(r"^\| (\d{3}) \| `([a-z-]+)` \|", re.MULTILINE)
INSIDE, OUTSIDE = "10.4.0.7", "198.51.100.7"
Scenario = Callable[["Asking"], Any]


@dataclass
class Asking:
    """A bound client with real tokens, an account in order, and what a test may change about both."""

    client: IssuedSecret
    account: TradingAccount
    environment: Callable[..., None]
    monkeypatch: pytest.MonkeyPatch
    token: str = field(default="", repr=False)

    def fetch_token(self, scope: str = "credentials:read") -> str:
        form = {"grant_type": "client_credentials", "scope": scope}
        authorization = basic(self.client.client.client_id, self.client.secret)
        answer = post_form("/v1/oauth/token", form, authorization, REMOTE_ADDR=INSIDE)
        assert answer.status_code == 200, answer.content
        self.token = answer.json()["access_token"]
        planted_secrets.add(self.token)
        return self.token

    def ask(self, *, account_id: str = "", address: str = INSIDE) -> Any:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        account = account_id or self.account.public_id
        path = f"/v1/internal/trading-accounts/{account}/credentials"
        return Client(REMOTE_ADDR=address, headers=headers).post(path)

    def in_state(self, state: AccountStatus) -> Any:
        TradingAccount.objects.filter(pk=self.account.pk).update(status=state)
        return self.ask()


@pytest.fixture
def asking(environment: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> Iterator[Asking]:
    signing_keys.ensure_first()
    client = service_clients.create(
        name="Orders", client_id="orders", scopes=["credentials:read", "events:read"]
    )
    service_clients.update(client_id="orders", networks=["10.4.0.0/16"])
    asking = Asking(client, active_account(), environment, monkeypatch)
    asking.fetch_token()
    yield asking
    opened_keys.clear()


def no_token(asking: Asking) -> Any:
    asking.token = ""
    return asking.ask()


def revoked(asking: Asking) -> Any:
    form = {"token": asking.token}
    authorization = basic("orders", asking.client.secret)
    done = post_form("/v1/oauth/revoke", form, authorization, REMOTE_ADDR=INSIDE)
    assert done.status_code == 200
    return asking.ask()


def disabled(asking: Asking) -> Any:
    service_clients.disable(client_id="orders")
    return asking.ask()


def unbound(asking: Asking) -> Any:
    service_clients.update(client_id="orders", networks=[])
    return asking.ask()


def withheld(asking: Asking) -> Any:
    document = {
        "name": "keep-orders-out",
        "effect": "deny",
        "priority": 10,
        "subjects": ["service:orders"],
        "actions": ["trading_account:read_credentials"],
        "resources": [asking.account.entity],
        "enabled": True,
    }
    policies.create(document=document, by="system", reason="a quarrel")
    return asking.ask()


def wrong_scope(asking: Asking) -> Any:
    asking.fetch_token(scope="events:read")
    return asking.ask()


def suspended_owner(asking: Asking) -> Any:
    status.suspend(user=asking.account.owner, reason="a court order")
    return asking.ask()


def too_often(asking: Asking) -> Any:
    slowly = replace(CredentialsView.account_limit, name="credentials_slowly", period=3600)
    asking.monkeypatch.setattr(CredentialsView, "account_limit", slowly)
    answers = [asking.ask() for _ in range(11)]
    assert int(answers[-1]["Retry-After"]) > 0
    return answers[-1]


def vault_away(asking: Asking) -> Any:
    opened_keys.clear()
    asking.environment(vault_local_key=SecretStr("not a key"))
    return asking.ask()


SCENARIOS: list[tuple[str, Scenario]] = [
    ("unauthenticated", no_token),
    ("invalid-token", revoked),
    ("invalid-token", disabled),
    ("invalid-token", lambda asking: asking.ask(address=OUTSIDE)),
    ("forbidden", wrong_scope),
    ("client-not-bound", unbound),
    ("credentials-withheld", withheld),
    ("not-found", lambda asking: asking.ask(account_id="acc_01h455vb4pex5vsknk084sn02q")),
    ("not-found", lambda asking: asking.in_state(AccountStatus.DISCONNECTING)),
    ("not-found", lambda asking: asking.in_state(AccountStatus.UNLINKED)),
    ("broker-login-needed", lambda asking: asking.in_state(AccountStatus.PENDING_LOGIN)),
    ("broker-login-needed", lambda asking: asking.in_state(AccountStatus.REAUTH_REQUIRED)),
    ("broker-credentials-invalid", lambda asking: asking.in_state(AccountStatus.INVALID)),
    ("trading-account-suspended", lambda asking: asking.in_state(AccountStatus.SUSPENDED)),
    ("trading-account-owner-not-active", suspended_owner),
    ("rate-limited", too_often),
    ("vault-unavailable", vault_away),
]
DOCUMENTED = {slug: int(code) for code, slug in ROW.findall(PAGE)}


def test_the_page_lists_every_refusal_and_no_other() -> None:
    assert set(DOCUMENTED) == {slug for slug, _ in SCENARIOS}


@pytest.mark.parametrize(("slug", "scenario"), SCENARIOS)
def test_each_refusal_is_as_the_page_says(asking: Asking, slug: str, scenario: Scenario) -> None:
    answer = scenario(asking)
    assert answer.status_code == DOCUMENTED[slug], answer.content
    problem = answer.json()
    assert problem["type"].rpartition("/")[2] == slug
    assert ("account_status" in problem) == (answer.status_code == 409)
    for secret in (API_KEY, API_SECRET, ACCESS_TOKEN):
        assert secret not in answer.content.decode()
    told = problem["type"].partition("//")[2].partition("/")[2]
    assert Client().get(f"/{told}").status_code == 200  # the type's own page


@pytest.mark.parametrize("slug", [slug for slug, code in DOCUMENTED.items() if code == 409])
def test_refusals_of_an_account_are_on_the_trail(asking: Asking, slug: str) -> None:
    answer = dict(SCENARIOS)[slug](asking)
    row = AuthEvent.objects.get(event_type="trading.credentials.read")
    assert (row.outcome, row.actor_id) == ("failure", "orders")
    assert row.metadata["account_status"] == answer.json()["account_status"]


def test_a_withheld_account_is_on_the_trail(asking: Asking) -> None:
    withheld(asking)
    row = AuthEvent.objects.get(event_type="trading.credentials.read")
    assert (row.outcome, row.metadata["account_status"]) == ("failure", "withheld")


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("shipped_policies")
def test_the_program_reads_them(live_server: Any, environment: Callable[..., None]) -> None:
    environment(public_url=live_server.url)
    signing_keys.ensure_first()
    client = service_clients.create(name="Orders", client_id="orders", scopes=["credentials:read"])
    service_clients.update(client_id="orders", networks=["127.0.0.0/8", "::1/128"])
    account = active_account()
    [program] = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    told = [_run(program, live_server.url, client.secret, account)]
    TradingAccount.objects.filter(pk=account.pk).update(status=AccountStatus.SUSPENDED)
    told.append(_run(program, live_server.url, client.secret, account))
    assert told[0].startswith("good until 20")
    assert told[1] == "trading-account-suspended suspended"


def _run(program: str, url: str, secret: str, account: TradingAccount) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ
        | {
            "GATEHOUSE_URL": url,
            "CLIENT_ID": "orders",
            "CLIENT_SECRET": secret,
            "ACCOUNT_ID": account.public_id,
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
