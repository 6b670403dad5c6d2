"""Secrets are nowhere but in the vault's envelopes. The log of the run is searched for them by the run itself."""

from collections.abc import Iterable
from typing import Any

import pytest

from accounts.services import signing_keys
from config import redis
from config.telemetry import planted_secrets
from config.vault.sealing import open_field
from mfa.tests.factories import an_enrolled_person
from trading.models import AccountStatus, TradingAccount
from trading.tests import dumps
from trading.tests.conftest import TraderFactory
from trading.tests.syncing import sync_now
from trading.tests.trader import Trader

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shipped_policies")]


def log_in(someone: Trader, account: TradingAccount, path: str, body: Any = None) -> None:
    """Begin a login as `path` does, and finish it; the tokens that it gives are planted."""
    url = f"/v1/trading-accounts/{account.public_id}/{path}"
    begun = someone.api.post(url, body, format="json")
    assert someone.log_in(begun.json()["login_url"]).status_code == 200
    planted_secrets.add(*(session.access_token for session in someone.control.sessions()))


def lived(someone: Trader) -> TradingAccount:
    """An account that was linked, synced, given new credentials and logged in again."""
    account = someone.linked()
    sync_now(someone, account)
    someone.app = someone.control.change_secret(someone.app.api_key)
    planted_secrets.add(someone.app.api_secret)
    log_in(someone, account, "rotate-credentials", {"credentials": someone.credentials()})
    log_in(someone, account, "login")
    sync_now(someone, account)
    return account


def spelt(secrets: Iterable[str]) -> set[bytes]:
    """As bytes, and as a dump writes bytes."""
    raw = {secret.encode() for secret in secrets}
    return raw | {secret.hex().encode() for secret in raw}


def found_in_dumps(secrets: set[bytes]) -> list[bytes]:
    database, in_redis = dumps.of_database(), dumps.of_redis()
    assert b"Long term" in database
    assert redis.PREFIX.encode() in in_redis
    return [secret for secret in secrets if secret in database or secret in in_redis]


@pytest.mark.django_db(transaction=True)
def test_no_dump_of_the_database_and_of_redis_holds_a_secret(trader: TraderFactory) -> None:
    of_others = planted_secrets.spellings()
    someone = trader()
    account = lived(someone)
    an_enrolled_person()
    key = signing_keys.ensure_first()
    private = open_field(key, "sealed_private_key")
    mine = planted_secrets.spellings() - of_others
    mine |= {someone.app.api_key, someone.broker_user.user_id, someone.broker_user.email}
    secrets = spelt(mine) | {private, private.hex().encode()}

    assert found_in_dumps(secrets) == []
    someone.api.delete(f"/v1/trading-accounts/{account.public_id}")
    account.refresh_from_db()
    assert account.status == AccountStatus.UNLINKED
    assert found_in_dumps(secrets) == []


def test_values_that_hold_secrets_do_not_show_them(trader: TraderFactory) -> None:
    someone = trader()
    account = someone.linked()
    version = account.credential_versions.get()
    for shown in (repr(account), repr(version), str(version), repr(version.secret)):
        assert someone.app.api_secret not in shown
        assert someone.app.api_key not in shown
