"""The process that rotates credentials dies at one step after the other: the old ones go on, or the new ones have taken
over whole; and whatever was left waiting can be proven, replaced or dropped.
"""

from typing import Any

import pytest

from accounts.tests.factories import UserFactory
from audit.models import AuthEvent
from tests.killing import steps_of_death
from trading.brokers.base import BrokerCredentials
from trading.models import AccountStatus, BrokerSession, CredentialStatus, TradingAccount
from trading.services import login, rotation
from trading.services.broker_sessions import token_of
from trading.services.credentials import opened
from trading.tests.conftest import TraderFactory
from trading.tests.trader import Trader

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("shipped_policies"),
]


def serving(account: TradingAccount) -> int:
    """The version that a service would get now; its secret and its session open."""
    account.refresh_from_db()
    assert account.status == AccountStatus.ACTIVE
    session = BrokerSession.objects.live().select_related("credential").get(account=account)
    assert session.credential.status == CredentialStatus.CURRENT
    assert opened(session.credential).api_secret
    assert token_of(session)
    assert account.credential_versions.filter(status=CredentialStatus.CURRENT).count() == 1
    return session.credential.number


def new_credentials(someone: Trader) -> BrokerCredentials:
    return BrokerCredentials(api_key=someone.app.api_key, api_secret=someone.app.api_secret)


def begun(someone: Trader, account: TradingAccount) -> dict[str, Any]:
    """A rotation whose person has come back from the broker: what the callback brings."""
    started = rotation.begin(
        account=account, user=someone.user, credentials=new_credentials(someone)
    )
    return {
        "broker_name": account.broker,
        "state": someone.state_of(started.login_url),
        "request_token": someone.control.grant_request_token(
            api_key=someone.app.api_key, user_id=someone.broker_user.user_id
        ),
    }


def test_killed_while_it_begins_the_old_credentials_serve_and_it_can_begin_again(
    trader: TraderFactory,
) -> None:
    someone = trader(UserFactory.create())
    account = someone.linked()
    deaths = 0
    for _ in steps_of_death(lambda: begun(someone, account)):
        deaths += 1
        assert serving(account) == 1
        waiting = account.credential_versions.pending().count()
        told = AuthEvent.objects.filter(event_type="trading.account.rotation_begun").count()
        assert waiting in {0, 1}
        assert told == account.credential_versions.count() - 1  # none without its row
    assert deaths
    login.complete(**begun(someone, account))
    assert serving(account) > 1


def test_killed_while_it_is_proven_the_old_or_the_new_credentials_serve_whole(
    trader: TraderFactory,
) -> None:
    someone = trader(UserFactory.create())
    account = someone.linked()
    before, deaths, taken_over = 1, 0, False
    back = begun(someone, account)
    for _ in steps_of_death(lambda: login.complete(**back)):  # noqa: B023 - the back of that moment is meant
        deaths += 1
        now = serving(account)
        newest = account.credential_versions.order_by("-number")[0]
        assert now in {before, newest.number}
        if now == newest.number:
            taken_over = True
        else:
            assert newest.status == CredentialStatus.PENDING
            rotation.cancel(account=account)
            assert serving(account) == before
        before = now
        back = begun(someone, account)
    assert deaths
    assert taken_over, "no death came after the last commit"
    assert serving(account) > before
