"""Nobody can open or seal anything: nothing is lost, nothing is written in the clear, nothing is given away."""

from typing import Any

import pytest

from config.jobs.models import JobState
from config.vault.models import DataKey
from config.vault.tests.outage import KeyService, assert_vault_unavailable
from trading.models import AccountStatus
from trading.tests.conftest import TraderFactory
from trading.tests.syncing import sync_now

pytestmark = pytest.mark.django_db


def test_nothing_is_linked(trader: TraderFactory, key_service: KeyService) -> None:
    someone = trader()
    key_service.leave()
    assert_vault_unavailable(someone.link())
    assert not someone.user.trading_accounts.exists()
    key_service.come_back()
    assert someone.link().status_code == 201


def test_a_login_is_not_begun_at_the_broker_that_could_not_be_kept(
    trader: TraderFactory, key_service: KeyService
) -> None:
    someone = trader()
    location = someone.walk(someone.link().json()["login_url"])
    key_service.leave()
    assert_vault_unavailable(someone.come_back(location))
    assert someone.control.journal(path="/session/token") == []
    account = someone.user.trading_accounts.get()
    assert account.status == AccountStatus.PENDING_LOGIN
    key_service.come_back()
    again = someone.api.post(f"/v1/trading-accounts/{account.public_id}/login").json()
    assert someone.log_in(again["login_url"]).status_code == 200


def test_a_sync_fails_and_asks_nobody_to_log_in(
    trader: TraderFactory, key_service: KeyService
) -> None:
    someone = trader()
    account = someone.linked()
    key_service.leave()
    assert sync_now(someone, account).state == JobState.FAILED
    assert account.status == AccountStatus.ACTIVE
    key_service.come_back()
    assert sync_now(someone, account).state == JobState.SUCCEEDED


def test_credentials_are_not_given_out(
    trader: TraderFactory, key_service: KeyService, api: Any
) -> None:
    account = trader().linked()
    key_service.leave()
    service = api(service="orders", scopes={"credentials:read"}, bound=True)
    url = f"/v1/internal/trading-accounts/{account.public_id}/credentials"
    assert_vault_unavailable(service.post(url))
    key_service.come_back()
    assert service.post(url).status_code == 200


def test_new_credentials_are_not_kept_in_the_clear(
    trader: TraderFactory, key_service: KeyService
) -> None:
    someone = trader()
    account = someone.linked()
    url = f"/v1/trading-accounts/{account.public_id}/rotate-credentials"
    key_service.leave()
    body = {"credentials": someone.credentials()}
    assert_vault_unavailable(someone.api.post(url, body, format="json"))
    assert account.credential_versions.count() == 1
    account.refresh_from_db()
    assert account.status == AccountStatus.ACTIVE
    key_service.come_back()
    assert someone.api.post(url, body, format="json").status_code == 200


def test_unlinking_destroys_the_key_all_the_same(
    trader: TraderFactory, key_service: KeyService
) -> None:
    someone = trader()
    account = someone.linked()
    key_service.leave()
    url = f"/v1/trading-accounts/{account.public_id}"
    assert someone.api.delete(url).status_code == 204
    account.refresh_from_db()
    assert account.status == AccountStatus.UNLINKED
    key = DataKey.objects.get(subject_kind="trading_account", subject_id=account.public_id)
    assert key.is_destroyed
