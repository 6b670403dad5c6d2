"""Beginning, using and ending sessions, as the documentation of Kite Connect tells it."""

from datetime import UTC, datetime, timedelta

import pytest

from trading.simulator.client import SimulatorControl
from trading.simulator.clock import IST
from trading.tests.simulator.api import KiteApi


def moment(text: str) -> datetime:
    """A time in India."""
    return datetime.fromisoformat(text).replace(tzinfo=IST)


@pytest.fixture
def kite(levers: SimulatorControl) -> KiteApi:
    return KiteApi(levers)


def test_an_exchange_answers_with_the_person_and_a_token(
    kite: KiteApi, levers: SimulatorControl
) -> None:
    levers.set_clock(moment("2026-02-03 14:15:16"), stopped=True)
    answer = kite.exchange(kite.request_token())
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json"
    document = answer.json()
    assert document["status"] == "success"
    assert document["data"]["user_id"] == kite.user.user_id
    assert document["data"]["api_key"] == kite.app.api_key
    assert document["data"]["refresh_token"] == ""
    assert document["data"]["login_time"] == "2026-02-03 14:15:16"


def test_a_request_token_works_once(kite: KiteApi) -> None:
    token = kite.request_token()
    assert kite.exchange(token).status_code == 200
    again = kite.exchange(token)
    assert again.status_code == 403
    assert again.json()["error_type"] == "TokenException"
    assert len(kite.living()) == 1


def test_a_wrong_checksum_is_a_token_exception_and_spends_nothing(kite: KiteApi) -> None:
    token = kite.request_token()
    refused = kite.exchange(token, secret="another secret")
    assert (refused.status_code, refused.json()["error_type"]) == (403, "TokenException")
    assert kite.exchange(token).status_code == 200


def test_a_request_token_lives_for_minutes(kite: KiteApi, levers: SimulatorControl) -> None:
    begun = moment("2026-02-03 10:00:00")
    levers.set_clock(begun, stopped=True)
    early, late = kite.request_token(), kite.request_token()
    levers.set_clock(begun + timedelta(minutes=4, seconds=59), stopped=True)
    assert kite.exchange(early).status_code == 200
    levers.set_clock(begun + timedelta(minutes=5), stopped=True)
    assert kite.exchange(late).json()["error_type"] == "TokenException"


def test_a_request_token_is_good_for_its_own_app_alone(
    kite: KiteApi, levers: SimulatorControl
) -> None:
    other = KiteApi(levers)
    refused = other.exchange(kite.request_token())
    assert refused.json()["error_type"] == "TokenException"


def test_an_unknown_api_key_is_an_input_exception(kite: KiteApi) -> None:
    form = {"api_key": "nobody", "request_token": "x", "checksum": "x"}
    refused = kite.send("POST", "/session/token", data=form)
    assert (refused.status_code, refused.json()["error_type"]) == (400, "InputException")


@pytest.mark.parametrize("missing", ["api_key", "request_token", "checksum"])
def test_an_exchange_without_one_of_its_fields_is_an_input_exception(
    kite: KiteApi, missing: str
) -> None:
    form = {"api_key": kite.app.api_key, "request_token": "x", "checksum": "x"}
    del form[missing]
    refused = kite.send("POST", "/session/token", data=form)
    assert (refused.status_code, refused.json()["error_type"]) == (400, "InputException")
    assert missing in refused.json()["message"]


@pytest.mark.parametrize(
    ("login", "last_good", "over"),
    [
        ("2026-02-03 14:00:00", "2026-02-04 05:59:59", "2026-02-04 06:00:00"),
        ("2026-02-03 05:59:00", "2026-02-03 05:59:59", "2026-02-03 06:00:00"),
        ("2026-02-03 06:00:00", "2026-02-04 05:59:59", "2026-02-04 06:00:00"),
    ],
)
def test_a_session_ends_at_the_next_six_o_clock_in_india(
    kite: KiteApi, levers: SimulatorControl, login: str, last_good: str, over: str
) -> None:
    levers.set_clock(moment(login), stopped=True)
    access_token = kite.log_in()
    levers.set_clock(moment(last_good), stopped=True)
    assert kite.get("/user/profile", access_token).status_code == 200
    levers.set_clock(moment(over), stopped=True)
    refused = kite.get("/user/profile", access_token)
    assert (refused.status_code, refused.json()["error_type"]) == (403, "TokenException")
    assert kite.living() == []


def test_another_login_ends_the_former_session_of_the_same_person(kite: KiteApi) -> None:
    first, second = kite.log_in(), kite.log_in()
    assert kite.get("/user/profile", first).status_code == 403
    assert kite.get("/user/profile", second).status_code == 200


def test_a_login_leaves_the_sessions_of_other_people_and_apps_alone(
    kite: KiteApi, levers: SimulatorControl
) -> None:
    other = KiteApi(levers)
    first = kite.log_in()
    other.user = kite.user
    other.log_in()
    assert kite.get("/user/profile", first).status_code == 200


def test_a_new_secret_leaves_the_session_alive_and_is_wanted_for_the_next(
    kite: KiteApi, levers: SimulatorControl
) -> None:
    access_token = kite.log_in()
    changed = levers.change_secret(kite.app.api_key)
    assert kite.get("/user/profile", access_token).status_code == 200
    assert kite.exchange(kite.request_token()).status_code == 403
    assert kite.exchange(kite.request_token(), secret=changed.api_secret).status_code == 200


def test_logging_out_ends_the_session_once(kite: KiteApi) -> None:
    access_token = kite.log_in()
    assert kite.log_out(access_token).json() == {"status": "success", "data": True}
    assert kite.get("/user/profile", access_token).status_code == 403
    assert kite.log_out(access_token).json()["error_type"] == "TokenException"


def test_the_master_logout_ends_sessions_and_counts_them(
    kite: KiteApi, levers: SimulatorControl
) -> None:
    other = KiteApi(levers)
    mine, theirs = kite.log_in(), other.log_in()
    assert levers.end_sessions(user_id=kite.user.user_id) == 1
    assert kite.get("/user/profile", mine).status_code == 403
    assert other.get("/user/profile", theirs).status_code == 200
    assert levers.end_sessions() == 1


def test_nobody_may_renew_a_session(kite: KiteApi) -> None:
    form = {"api_key": kite.app.api_key, "refresh_token": "x", "checksum": "x"}
    refused = kite.send("POST", "/session/refresh_token", data=form)
    assert (refused.status_code, refused.json()["error_type"]) == (403, "PermissionException")


def test_the_clock_runs_on_from_where_it_was_set_and_can_be_given_back(
    levers: SimulatorControl,
) -> None:
    there = datetime(2030, 1, 1, tzinfo=UTC)
    levers.set_clock(there)
    assert there <= levers.now() < there + timedelta(minutes=1)
    levers.set_clock(None)
    assert abs(levers.now() - datetime.now(UTC)) < timedelta(minutes=1)
