"""Somebody can write to the database and not read the vault's key: what they alter, move or put in plaintext opens
nothing, is told, and asks nobody to log in again.
"""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from prometheus_client import REGISTRY

from audit.models import AuthEvent
from config.ids import new_uuid
from config.telemetry import planted_secrets
from config.vault.envelope import HEADER
from config.vault.models import DataKey
from config.vault.opened_keys import opened_keys
from trading.models import AccountStatus, BrokerSession, CredentialVersion, TradingAccount
from trading.tests.conftest import TraderFactory

pytestmark = pytest.mark.django_db
PLAINTEXT = b'{"api_key": "abcdefgh", "api_secret": "a-plaintext-that-nobody-sealed"}'
planted_secrets.add("a-plaintext-that-nobody-sealed")


def flipped(account: TradingAccount) -> bytes:
    sealed = bytearray(bytes(account.credential_versions.get().secret or b""))
    sealed[-1] ^= 1
    return bytes(sealed)


def of_another_account(account: TradingAccount) -> bytes:
    other = CredentialVersion.objects.exclude(account=account).get()
    return bytes(other.secret or b"")


def of_another_column(account: TradingAccount) -> bytes:
    return bytes(BrokerSession.objects.get(account=account).access_token or b"")


def under_an_unknown_key(account: TradingAccount) -> bytes:
    sealed = bytearray(bytes(account.credential_versions.get().secret or b""))
    sealed[len(HEADER) : len(HEADER) + 16] = new_uuid().bytes
    return bytes(sealed)


def of_an_old_format(account: TradingAccount) -> bytes:
    sealed = bytearray(bytes(account.credential_versions.get().secret or b""))
    sealed[3] = 0
    return bytes(sealed)


def plaintext(account: TradingAccount) -> bytes:
    return PLAINTEXT


def sealed_twice(account: TradingAccount) -> bytes:
    sealed = bytes(account.credential_versions.get().secret or b"")
    return sealed[:33] + sealed


@pytest.fixture
def without_the_column_s_check(transactional_db: None) -> Any:
    """As in a database whose owner has taken it away: the check is the first line, this is about the second."""
    table, name = CredentialVersion._meta.db_table, "taken_away"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint "
            "WHERE conrelid = %s::regclass AND pg_get_constraintdef(oid) LIKE '%%octet_length(secret)%%'",
            [table],
        )
        found = cursor.fetchall()
        assert found
        for name, _ in found:
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    yield
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {BrokerSession._meta.db_table}")  # noqa: S608
        cursor.execute("DELETE FROM trading_loginattempt")
        cursor.execute(f"DELETE FROM {table}")  # noqa: S608
        for name, definition in found:
            cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")


def put(account: TradingAccount, sealed: bytes) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE trading_credentialversion SET secret = %s WHERE account_id = %s",
            [sealed, account.pk],
        )


def failures() -> float:
    name = "gatehouse_vault_open_failures_total"
    outcomes = ("malformed", "unknown_key", "other_subject", "refused", "empty")
    return sum(REGISTRY.get_sample_value(name, {"outcome": each}) or 0 for each in outcomes)


@pytest.mark.usefixtures("without_the_column_s_check")
@pytest.mark.parametrize(
    ("tamper", "reason"),
    [
        (flipped, "refused"),
        (of_another_account, "other_subject"),
        (of_another_column, "refused"),
        (under_an_unknown_key, "unknown_key"),
        (of_an_old_format, "malformed"),
        (plaintext, "malformed"),
        (sealed_twice, "refused"),
    ],
)
def test_tampered_credentials_are_refused_told_and_cost_nobody_a_login(
    trader: TraderFactory,
    api: Any,
    tamper: Callable[[TradingAccount], bytes],
    reason: str,
    policies_in_force: None,
) -> None:
    trader().linked()
    someone = trader()
    account = someone.linked()
    put(account, tamper(account))
    before = failures()

    service = api(service="orders", scopes={"credentials:read"}, bound=True)
    answer = service.post(f"/v1/internal/trading-accounts/{account.public_id}/credentials")
    assert answer.status_code == 500
    assert answer.json()["type"].endswith("/errors/secret-unreadable")
    assert b"plaintext" not in answer.content
    assert someone.app.api_secret.encode() not in answer.content

    someone.api.post(f"/v1/trading-accounts/{account.public_id}/sync")
    account.refresh_from_db()
    assert account.status == AccountStatus.ACTIVE
    assert BrokerSession.objects.live().filter(account=account).exists()
    run = account.sync_runs.get()
    assert (run.outcome, "support" in run.advice) == ("failed", True)
    assert failures() >= before + 1
    rows = AuthEvent.objects.filter(event_type="vault.open_failed")
    version = account.credential_versions.get()
    assert {row.metadata["reason"] for row in rows} == {reason}
    assert {row.metadata["place"] for row in rows} == {
        f"trading_credentialversion.secret of {version.pk}"
    }
    assert not AuthEvent.objects.filter(event_type="trading.account.reauth_required").exists()


def test_a_data_key_that_was_swapped_opens_nothing(trader: TraderFactory, api: Any) -> None:
    mine, theirs = trader().linked(), trader().linked()
    key_of = {
        account: DataKey.objects.of_subject(account.key_subject).get() for account in (mine, theirs)
    }
    DataKey.objects.filter(pk=key_of[mine].pk).update(wrapped=key_of[theirs].wrapped)
    opened_keys.clear()
    service = api(service="orders", scopes={"credentials:read"}, bound=True)
    answer = service.post(f"/v1/internal/trading-accounts/{mine.public_id}/credentials")
    assert answer.json()["type"].endswith("/errors/secret-unreadable")
    assert AuthEvent.objects.filter(event_type="vault.open_failed").exists()
    mine.refresh_from_db()
    assert mine.status == AccountStatus.ACTIVE


def test_the_database_itself_takes_no_plaintext(trader: TraderFactory) -> None:
    account = trader().linked()
    with pytest.raises(Exception, match="check constraint"):
        put(account, PLAINTEXT)
