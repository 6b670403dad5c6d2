"""Nobody waits for an account's lock while the key service takes its time."""

import pytest

from accounts.models.user import UserStatus
from config.http.problems import ForbiddenError
from config.vault.models import DataKey
from config.vault.tests.outage import WatchedKeyService
from trading.brokers.base import BrokerCredentials
from trading.errors import AccountNotUsableError
from trading.models import CredentialVersion, LoginAttempt, TradingAccount
from trading.services import credentials, linking, login, rotation
from trading.tests.conftest import TraderFactory
from trading.tests.trader import Trader


def pair(someone: Trader) -> BrokerCredentials:
    return BrokerCredentials(api_key=someone.app.api_key, api_secret=someone.app.api_secret)


def link(someone: Trader) -> TradingAccount:
    return linking.begin(
        owner=someone.user, broker="kite", nickname="Mine", credentials=pair(someone)
    ).account


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("shipped_policies")
def test_linking_logging_in_and_rotating_ask_it_outside_of_transactions(
    trader: TraderFactory, watched_key_service: WatchedKeyService
) -> None:
    someone = trader()
    account = link(someone)
    assert watched_key_service.asked[0] == "wrap"
    started = login.begin(account=account, user=someone.user)
    assert someone.log_in(started.login_url).status_code == 200
    account.refresh_from_db()
    rotation.begin(account=account, user=someone.user, credentials=pair(someone))
    assert set(watched_key_service.asked) == {"wrap", "unwrap"}


@pytest.mark.django_db
def test_of_a_link_that_its_owner_may_not_make_any_more_no_key_is_left(
    trader: TraderFactory,
) -> None:
    someone = trader()
    type(someone.user).objects.filter(pk=someone.user.pk).update(status=UserStatus.SUSPENDED)
    with pytest.raises(ForbiddenError):
        link(someone)
    assert not TradingAccount.objects.exists()
    assert not DataKey.objects.live().filter(subject_kind="trading_account").exists()


@pytest.mark.django_db
@pytest.mark.usefixtures("shipped_policies")
def test_no_login_begins_with_credentials_that_were_replaced_meanwhile(
    trader: TraderFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    someone = trader()
    account = link(someone)

    def slowly(version: CredentialVersion) -> BrokerCredentials:
        rotation.begin(account=account, user=someone.user, credentials=pair(someone))
        return credentials.opened(version)

    monkeypatch.setattr(login, "opened", slowly)
    before = LoginAttempt.objects.count()
    with pytest.raises(AccountNotUsableError, match="begin a new login"):
        login.begin(account=account, user=someone.user)
    assert LoginAttempt.objects.count() == before + 1  # the rotation's own
