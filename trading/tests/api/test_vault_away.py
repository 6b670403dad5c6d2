"""Nobody can open or seal anything: nothing is lost, nothing is written in the clear, nothing is given away."""

from collections.abc import Callable
from typing import Any

import pytest
from pydantic import SecretStr

from config.vault.models import DataKey
from config.vault.opened_keys import opened_keys
from trading.models import AccountStatus
from trading.tests.conftest import TraderFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def take_vault_away(environment: Callable[..., None]) -> Callable[[], None]:
    def take() -> None:
        opened_keys.clear()
        environment(vault_local_key=SecretStr("not a key"))

    return take


def test_nothing_is_linked(trader: TraderFactory, take_vault_away: Callable[[], None]) -> None:
    someone = trader()
    take_vault_away()
    assert someone.link().status_code == 503
    assert not someone.user.trading_accounts.exists()


def test_a_login_is_not_begun_at_the_broker_that_could_not_be_kept(
    trader: TraderFactory, take_vault_away: Callable[[], None]
) -> None:
    someone = trader()
    location = someone.walk(someone.link().json()["login_url"])
    take_vault_away()
    assert someone.come_back(location).status_code == 503
    assert someone.control.journal(path="/session/token") == []


def test_a_sync_fails_and_asks_nobody_to_log_in(
    trader: TraderFactory, take_vault_away: Callable[[], None]
) -> None:
    someone = trader()
    account = someone.linked()
    take_vault_away()
    someone.api.post(f"/v1/trading-accounts/{account.public_id}/sync")
    account.refresh_from_db()
    assert account.status == AccountStatus.ACTIVE


def test_credentials_are_not_given_out(
    trader: TraderFactory, take_vault_away: Callable[[], None], api: Any
) -> None:
    account = trader().linked()
    take_vault_away()
    service = api(service="orders", scopes={"credentials:read"}, bound=True)
    url = f"/v1/internal/trading-accounts/{account.public_id}/credentials"
    assert service.post(url).status_code == 503


def test_unlinking_destroys_the_key_all_the_same(
    trader: TraderFactory, take_vault_away: Callable[[], None]
) -> None:
    someone = trader()
    account = someone.linked()
    take_vault_away()
    url = f"/v1/trading-accounts/{account.public_id}"
    assert someone.api.delete(url).status_code == 204
    account.refresh_from_db()
    assert account.status == AccountStatus.UNLINKED
    key = DataKey.objects.get(subject_kind="trading_account", subject_id=account.public_id)
    assert key.is_destroyed
