"""A broker that has a bad day while somebody logs in."""

import json
from typing import Any

import pytest

from trading.models import AccountStatus, BrokerSession
from trading.simulator import fixtures
from trading.simulator.faults import Fault
from trading.tests.conftest import TraderFactory
from trading.tests.trader import CALLBACK, Trader, account_of, browser

pytestmark = pytest.mark.django_db

EXCHANGE, PROFILE = "POST /session/token", "GET /user/profile"


def try_to_log_in(someone: Trader, started: dict[str, Any]) -> Any:
    location = someone.walk(started["login_url"])
    return someone.come_back(location)


@pytest.mark.parametrize(
    "fault",
    [
        "throttled",
        "throttled_json",
        "gateway_down",
        "maintenance",
        "success_with_status_500",
        "no_content_type",
        "a_list",
        "bytes_that_are_no_json",
        "half_an_answer",
        "dropped_before_headers",
        "not_http",
    ],
)
def test_a_login_that_broke_off_is_told_so_and_changes_nothing(
    trader: TraderFactory, fault: str
) -> None:
    someone = trader()
    started = someone.link().json()
    someone.control.queue_fault(EXCHANGE, fault)
    answer = try_to_log_in(someone, started)
    assert answer.status_code == 503
    assert answer.json()["type"].endswith("/errors/broker-unavailable")
    account = account_of(started)
    assert account.status == AccountStatus.PENDING_LOGIN
    assert not BrokerSession.objects.exists()
    assert len(someone.control.journal(path="/session/token")) == 1  # and was not tried again

    fresh = someone.api.post(f"/v1/trading-accounts/{account.public_id}/login").json()
    assert someone.log_in(fresh["login_url"]).status_code == 200


def test_the_brokers_wish_to_wait_is_passed_on(trader: TraderFactory) -> None:
    someone = trader()
    started = someone.link().json()
    someone.control.queue_fault(EXCHANGE, "throttled")
    assert try_to_log_in(someone, started)["Retry-After"] == "7"


def test_a_broker_that_is_too_slow_is_not_waited_for(
    trader: TraderFactory, environment: Any
) -> None:
    someone = trader()
    started = someone.link().json()
    environment(broker_read_timeout=0.2)
    someone.control.queue_fault(EXCHANGE, Fault(delay=3))
    assert try_to_log_in(someone, started).status_code == 503
    assert account_of(started).status == AccountStatus.PENDING_LOGIN


def test_a_broker_that_is_down_is_no_error_of_ours(trader: TraderFactory, environment: Any) -> None:
    someone = trader()
    started = someone.link().json()
    location = someone.walk(started["login_url"])
    environment(kite_api_url="http://127.0.0.1:1")
    answer = someone.come_back(location)
    assert (answer.status_code, answer["Content-Type"]) == (503, "application/problem+json")


def test_a_refusal_for_other_reasons_is_told_apart(trader: TraderFactory) -> None:
    someone = trader()
    started = someone.link().json()
    someone.control.queue_fault(EXCHANGE, "PermissionException")
    answer = try_to_log_in(someone, started)
    assert answer.status_code == 422
    assert answer.json()["type"].endswith("/errors/broker-request-refused")
    assert account_of(started).status == AccountStatus.PENDING_LOGIN


@pytest.mark.parametrize("fault", ["gateway_down", "null_data", "dropped_before_headers"])
def test_a_login_is_good_even_if_the_profile_has_to_wait(trader: TraderFactory, fault: str) -> None:
    someone = trader()
    started = someone.link().json()
    someone.control.queue_fault(PROFILE, fault)
    assert try_to_log_in(someone, started).status_code == 200
    account = account_of(started)
    assert (account.status, account.profile) == (AccountStatus.ACTIVE, {})


def test_a_profile_of_somebody_else_is_not_kept(trader: TraderFactory) -> None:
    someone = trader()
    started = someone.link().json()
    profile = fixtures.success(fixtures.profile(someone.control.create_user()))
    someone.control.queue_fault(PROFILE, Fault(status=200, body=json.dumps(profile).encode()))
    assert try_to_log_in(someone, started).status_code == 200
    assert account_of(started).profile == {}


def test_nothing_of_the_brokers_answer_is_passed_on(trader: TraderFactory) -> None:
    someone = trader()
    started = someone.link().json()
    someone.control.queue_fault(EXCHANGE, Fault(status=500, body=b"<h1>inner secrets</h1>"))
    assert b"inner secrets" not in try_to_log_in(someone, started).content


def test_a_broken_answer_after_the_broker_began_a_session_asks_for_a_new_login(
    trader: TraderFactory,
) -> None:
    someone = trader()
    started = someone.link().json()
    someone.control.queue_fault(EXCHANGE, Fault(drop="before_headers", effect=True))
    assert try_to_log_in(someone, started).status_code == 503
    state = someone.state_of(started["login_url"])
    again = browser().get(CALLBACK, {"state": state, "request_token": "any"})
    assert again.status_code == 400
