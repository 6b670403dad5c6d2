"""The whole life of an account: Kite's own library on our side, a broker on a socket on the other."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine

from accounts.tests.factories import UserFactory
from authz.services import decisions
from events.domain import DomainEvent
from trading.models import AccountStatus, BrokerSession, CredentialStatus, TradingAccount
from trading.services import expiry
from trading.tests.conftest import TraderFactory
from trading.tests.trader import Trader

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shipped_policies")]

NOON = datetime(2026, 3, 10, 6, 30, tzinfo=UTC)
SIX = datetime(2026, 3, 11, 0, 30, tzinfo=UTC)  # 06:00 in India


class Life:
    """What the outside sees of one account."""

    def __init__(self, someone: Trader, orders: Any) -> None:
        self.someone, self.orders = someone, orders
        self.account = someone.linked()
        self.url = f"/v1/trading-accounts/{self.account.public_id}"

    def shown(self) -> dict[str, Any]:
        body: dict[str, Any] = self.someone.api.get(self.url).json()
        return body

    def may_trade(self) -> bool:
        return decisions.check(
            subject=f"user:{self.someone.user.public_id}",
            action="trade:place_order",
            resource=self.account.entity,
            context={"acr": "mfa"},
        ).allowed

    def handed_out(self) -> str:
        """The access token that a service gets, or the problem that it is told."""
        answer = self.orders.post(f"/v1/internal{self.url.removeprefix('/v1')}/credentials")
        body = answer.json()
        if answer.status_code == 200:
            return str(body["access_token"])
        return str(body["type"].rpartition("/")[2])

    def log_in_again(self, **options: Any) -> Any:
        begun = self.someone.api.post(f"{self.url}/login").json()
        return self.someone.log_in(begun["login_url"], **options)

    def is_open_at_the_broker(self, token: str) -> bool:
        return token in [session.access_token for session in self.someone.control.sessions()]


@pytest.fixture
def at(trader: TraderFactory) -> Callable[[datetime], Any]:
    """It is that time here and at the broker."""
    control = trader().control

    def travel(instant: datetime) -> Any:
        control.set_clock(instant)
        return time_machine.travel(instant, tick=True)

    return travel


def test_from_the_first_login_to_the_end(
    trader: TraderFactory,
    api: Any,
    at: Callable[[datetime], Any],
    heard: list[DomainEvent],
    django_capture_on_commit_callbacks: Any,
) -> None:
    orders = api(service="orders", scopes={"credentials:read"}, bound=True)
    with at(NOON):
        life = Life(trader(UserFactory.create()), orders)
        assert life.shown()["status"] == "active"
        assert life.may_trade()
        first = life.handed_out()
        assert life.is_open_at_the_broker(first)

        with django_capture_on_commit_callbacks(execute=True):
            synced = life.someone.api.post(f"{life.url}/sync")
        assert synced.status_code == 202
        assert life.shown()["margins"]

    with at(SIX):  # nobody has noted it yet
        assert life.shown()["status"] == "reauth_required"
        assert life.handed_out() == "broker-login-needed"
        assert not life.may_trade()
        assert expiry.mark_due() == 1
        assert life.shown()["next_step"] == "log_in"
        assert not life.is_open_at_the_broker(first)

        stranger = life.someone.control.create_user()
        refused = life.log_in_again(broker_user=stranger)
        assert refused.json()["type"].endswith("/errors/broker-user-mismatch")
        assert life.shown()["status"] == "reauth_required"

        assert life.log_in_again().status_code == 200
        second = life.handed_out()
        assert life.may_trade()
        assert second != first

        life.someone.api = api(life.someone.user, acr="mfa")  # yesterday's proof is too old
        life.someone.app = life.someone.control.change_secret(life.someone.app.api_key)
        rotation = life.someone.api.post(
            f"{life.url}/rotate-credentials",
            {"credentials": life.someone.credentials()},
            format="json",
        ).json()
        assert life.handed_out() == second  # the old ones serve
        assert life.someone.log_in(rotation["login_url"]).status_code == 200
        third = life.handed_out()
        assert third not in {first, second}
        assert life.is_open_at_the_broker(third)

        assert life.someone.api.delete(life.url).status_code == 204
        assert life.handed_out() == "not-found"
        assert not life.is_open_at_the_broker(third)

    account = TradingAccount.objects.get()
    assert account.status == AccountStatus.UNLINKED
    assert set(account.credential_versions.values_list("status", flat=True)) == {
        CredentialStatus.RETIRED
    }
    assert not BrokerSession.objects.live().exists()
    told = [event.event_type for event in heard if event.event_type.startswith("trading_account.")]
    assert told == [
        "trading_account.linked",
        "trading_account.profile.synced",
        "trading_account.reauth_required",
        "trading_account.logged_in",
        "trading_account.credentials.rotated",
        "trading_account.unlinked",
    ]
