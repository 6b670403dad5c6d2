"""What the API says about a person, and what it demands of every request."""

import pytest

from trading.simulator.client import SimulatorControl
from trading.tests.simulator.api import HEADERS, KiteApi


@pytest.fixture
def kite(levers: SimulatorControl) -> KiteApi:
    return KiteApi(levers, name="Meera Iyer", email="meera@example.com", cash=1000.5, used=200.25)


def test_the_profile_is_the_persons(kite: KiteApi) -> None:
    data = kite.get("/user/profile", kite.log_in()).json()["data"]
    assert data["user_id"] == kite.user.user_id
    assert (data["user_name"], data["user_shortname"]) == ("Meera Iyer", "Meera")
    assert data["email"] == "meera@example.com"
    assert "NSE" in data["exchanges"]
    assert "access_token" not in data


def test_margins_have_two_segments_and_add_up(kite: KiteApi) -> None:
    data = kite.get("/user/margins", kite.log_in()).json()["data"]
    assert set(data) == {"equity", "commodity"}
    equity = data["equity"]
    assert equity["enabled"] is True
    assert equity["net"] == equity["available"]["live_balance"] == 800.25
    assert equity["available"]["cash"] - equity["utilised"]["debits"] == equity["net"]
    assert data["commodity"]["enabled"] is False


def test_one_segment_can_be_asked_for(kite: KiteApi) -> None:
    access_token = kite.log_in()
    whole = kite.get("/user/margins", access_token).json()["data"]
    assert kite.get("/user/margins/equity", access_token).json()["data"] == whole["equity"]
    refused = kite.get("/user/margins/gold", access_token)
    assert (refused.status_code, refused.json()["error_type"]) == (400, "InputException")


@pytest.mark.parametrize("path", ["/user/profile", "/user/margins", "/user/margins/equity"])
@pytest.mark.parametrize(
    "authorization",
    [None, "token", "token key", "token a:b:c", "Bearer {key}:{token}", "token other:{token}"],
)
def test_without_the_right_authorization_nothing_is_told(
    kite: KiteApi, path: str, authorization: str | None
) -> None:
    access_token = kite.log_in()
    headers = dict(HEADERS)
    if authorization is not None:
        headers["Authorization"] = authorization.format(key=kite.app.api_key, token=access_token)
    refused = kite.send("GET", path, headers=headers)
    assert refused.status_code == 403
    assert refused.json()["error_type"] == "TokenException"
    assert refused.json()["data"] is None


@pytest.mark.parametrize("version", [None, "2"])
def test_the_version_header_is_demanded(kite: KiteApi, version: str | None) -> None:
    authorization = f"token {kite.app.api_key}:{kite.log_in()}"
    headers = {"Authorization": authorization} | ({"X-Kite-Version": version} if version else {})
    refused = kite.send("GET", "/user/profile", headers=headers)
    assert (refused.status_code, refused.json()["error_type"]) == (400, "InputException")


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/nowhere", 404), ("PUT", "/user/profile", 405)]
)
def test_unknown_routes_and_methods_are_refused(
    kite: KiteApi, method: str, path: str, status: int
) -> None:
    refused = kite.send(method, path)
    assert refused.status_code == status
    assert refused.json()["error_type"] == "GeneralException"


@pytest.mark.parametrize(("length", "status"), [("10000000", 413), ("-1", 400), ("many", 400)])
def test_a_body_of_no_good_length_is_not_read(kite: KiteApi, length: str, status: int) -> None:
    headers = HEADERS | {"Content-Length": length}
    assert kite.send("POST", "/session/token", headers=headers).status_code == status
