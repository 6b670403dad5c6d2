"""What the browser brings back from the broker, honest or not."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine
from django.utils import timezone

from accounts.tests.browsers import sign_in_browser
from accounts.tests.factories import UserFactory
from trading.models import AccountStatus, BrokerSession, LoginAttempt
from trading.tests.conftest import TraderFactory
from trading.tests.trader import CALLBACK, account_of, browser

pytestmark = pytest.mark.django_db


def problem(answer: Any) -> str:
    return str(answer.json()["type"]).rpartition("/")[2]


def test_a_state_works_once(trader: TraderFactory) -> None:
    someone = trader()
    started = someone.link().json()
    location = someone.walk(started["login_url"])
    assert someone.come_back(location).status_code == 200
    again = someone.come_back(location)
    assert (again.status_code, problem(again)) == (400, "broker-login-state-invalid")
    assert len(someone.control.journal(path="/session/token")) == 1


def test_a_state_that_failed_is_used_up_too(trader: TraderFactory) -> None:
    someone = trader()
    started = someone.link().json()
    state = someone.state_of(started["login_url"])
    refused = browser().get(CALLBACK, {"state": state, "request_token": "made-up"})
    assert refused.status_code == 422
    location = someone.walk(started["login_url"])
    assert problem(someone.come_back(location)) == "broker-login-state-invalid"


def test_a_request_token_cannot_be_used_for_a_second_login(trader: TraderFactory) -> None:
    someone = trader()
    account = someone.linked()
    used = someone.control.journal(path="/session/token")
    assert len(used) == 1
    token = someone.control.grant_request_token(
        api_key=someone.app.api_key, user_id=someone.broker_user.user_id
    )
    for expected in (200, 422):
        again = someone.api.post(f"/v1/trading-accounts/{account.public_id}/login").json()
        state = someone.state_of(again["login_url"])
        answer = browser().get(CALLBACK, {"state": state, "request_token": token})
        assert answer.status_code == expected
    account.refresh_from_db()
    assert account.status == AccountStatus.ACTIVE  # the session that it has works


def test_a_state_is_good_for_minutes(trader: TraderFactory) -> None:
    someone = trader()
    started = someone.link().json()
    location = someone.walk(started["login_url"])
    with time_machine.travel(timezone.now() + timedelta(minutes=16), tick=True):
        assert problem(someone.come_back(location)) == "broker-login-state-invalid"
    assert account_of(started).status == AccountStatus.PENDING_LOGIN


def test_a_state_that_was_never_given_out_is_refused(trader: TraderFactory) -> None:
    trader()
    answer = browser().get(CALLBACK, {"state": "x" * 43, "request_token": "whatever"})
    assert (answer.status_code, problem(answer)) == (400, "broker-login-state-invalid")


def test_the_login_of_another_person_is_refused_and_still_theirs(
    trader: TraderFactory, api: Any
) -> None:
    someone, intruder = trader(), UserFactory.create()
    started = someone.link().json()
    location = someone.walk(started["login_url"])
    parameters = location.partition("?")[2]
    answer = api(intruder).get(f"{CALLBACK}?{parameters}")
    assert problem(answer) == "broker-login-state-invalid"
    assert account_of(started).status == AccountStatus.PENDING_LOGIN
    assert someone.come_back(location).status_code == 200


def test_a_browser_that_is_signed_in_as_somebody_else_is_refused(trader: TraderFactory) -> None:
    someone = trader()
    started = someone.link().json()
    parameters = someone.walk(started["login_url"]).partition("?")[2]
    signed_in = sign_in_browser(UserFactory.create())
    assert problem(signed_in.get(f"{CALLBACK}?{parameters}")) == "broker-login-state-invalid"
    sign_in_browser(someone.user, browser=signed_in)
    assert signed_in.get(f"{CALLBACK}?{parameters}").status_code == 200


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"state": "x"},
        {"request_token": "x"},
        {"state": "", "request_token": ""},
        {"state": "x" * 129, "request_token": "x"},
        {"state": "x", "request_token": "x" * 100_000},
        {"state": "\x00", "request_token": "\x00"},
        {"state": "✓", "request_token": "✓", "status": "success"},
        {"state": ["a", "b"], "request_token": "x"},
    ],
)
def test_what_no_broker_sends_is_a_problem_and_never_an_error_of_ours(
    trader: TraderFactory, parameters: dict[str, Any]
) -> None:
    answer = browser().get(f"{CALLBACK}?{urlencode(parameters, doseq=True)}")
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"


def test_turning_back_at_the_login_page_is_told_as_that(trader: TraderFactory) -> None:
    answer = browser().get(CALLBACK, {"status": "cancelled"})
    assert (answer.status_code, problem(answer)) == (400, "broker-login-cancelled")


def test_a_browser_gets_a_page(trader: TraderFactory) -> None:
    someone = trader()
    started = someone.link().json()
    answer = someone.come_back(someone.walk(started["login_url"]), Accept="text/html,*/*;q=0.8")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/html")
    assert "Long term" in page
    assert "<script" not in page
    assert "style=" not in page


def test_a_browser_gets_a_page_about_what_went_wrong_too(trader: TraderFactory) -> None:
    trader()
    answer = browser().get(
        CALLBACK,
        {"state": "<b>x</b>", "request_token": "<i>y</i>"},
        headers={"Accept": "text/html"},
    )
    page = answer.content.decode()
    assert answer.status_code == 400
    assert answer["Content-Type"].startswith("text/html")
    assert "This login cannot be finished" in page
    assert "<b>x" not in page


def test_the_address_with_the_token_in_it_is_told_to_nobody(trader: TraderFactory) -> None:
    answer = browser().get(CALLBACK, {"state": "x", "request_token": "y"})
    assert answer["Referrer-Policy"] == "no-referrer"
    assert answer["Cache-Control"] == "no-store"


def test_only_the_hash_of_a_state_is_kept(trader: TraderFactory) -> None:
    someone = trader()
    state = someone.state_of(someone.link().json()["login_url"])
    attempt = LoginAttempt.objects.get()
    assert state.encode() not in bytes(attempt.state_hash)
    assert len(bytes(attempt.state_hash)) == 32


def test_another_broker_user_than_before_is_refused(trader: TraderFactory) -> None:
    someone = trader()
    account = someone.linked()
    again = someone.api.post(f"/v1/trading-accounts/{account.public_id}/login").json()
    answer = someone.log_in(again["login_url"], broker_user=someone.control.create_user())
    assert (answer.status_code, problem(answer)) == (409, "broker-user-mismatch")
    kept = BrokerSession.objects.live().get(account=account)
    assert kept.pk == BrokerSession.objects.get(account=account).pk


def test_logging_in_again_replaces_the_session(trader: TraderFactory) -> None:
    someone = trader()
    account = someone.linked()
    again = someone.api.post(f"/v1/trading-accounts/{account.public_id}/login").json()
    assert someone.log_in(again["login_url"]).status_code == 200
    sessions = BrokerSession.objects.filter(account=account).order_by("pk")
    assert [session.end_reason for session in sessions] == ["replaced", ""]
    assert sessions[0].access_token is None


def test_a_broker_user_is_linked_by_one_person_at_a_time(trader: TraderFactory) -> None:
    first = trader()
    first.linked()
    second = trader(broker_user=first.broker_user)
    started = second.link().json()
    answer = second.log_in(started["login_url"])
    assert (answer.status_code, problem(answer)) == (409, "broker-user-taken")
    text = answer.content.decode()
    assert first.user.public_id not in text
    assert first.user.email not in text
    assert account_of(started).status == AccountStatus.PENDING_LOGIN
    assert second.control.journal(path="/session/token")[-1].method != "DELETE"


def test_an_unlinked_broker_user_is_free_for_somebody_else(trader: TraderFactory) -> None:
    first = trader()
    account = first.linked()
    first.api.delete(f"/v1/trading-accounts/{account.public_id}")
    second = trader(broker_user=first.broker_user)
    assert second.linked().status == AccountStatus.ACTIVE


def test_a_login_at_one_broker_is_not_finished_at_anothers_door(trader: TraderFactory) -> None:
    someone = trader()
    started = someone.link().json()
    location = someone.walk(started["login_url"])
    elsewhere = location.replace("/kite/callback", "/paper/callback")
    assert problem(someone.come_back(elsewhere)) == "broker-login-state-invalid"
    nowhere = someone.come_back(location.replace("/kite/callback", "/nobody/callback"))
    assert nowhere.status_code == 404
    assert someone.come_back(location).status_code == 200
