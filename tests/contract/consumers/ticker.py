"""The price ticker asks whether somebody may place an order, and reads the credentials that orders are placed with."""

from typing import Any

import requests
from pact import Pact, match
from pact.pact import PactServer

from tests.contract.consumers import MOMENT, PROVIDER

PERSON = "usr_01h455vb4pex5vsknk084sn02q"
ACCOUNT = "acc_01h455vb4pex5vsknk084sn02q"
STRANGERS = "acc_01h455vb4pex5vsknk084sn03r"
WAITING = "acc_01h455vb4pex5vsknk084sn04s"
PATIENCE = 30  # seconds


class Ticker:
    def __init__(self, url: str, token: str) -> None:
        self._url = url
        self._headers = {"Authorization": f"Bearer {token}"}

    def may_order(self, person: str, account: str) -> bool:
        answer = requests.post(
            f"{self._url}/v1/authz/check",
            json={
                "subject": f"user:{person}",
                "action": "trade:place_order",
                "resource": f"trading_account:{account}",
            },
            headers=self._headers,
            timeout=PATIENCE,
        )
        answer.raise_for_status()
        return bool(answer.json()["decision"] == "allow")

    def credentials(self, account: str) -> tuple[str, str] | str:
        """The API key and the day's access token, or what the person has to do first."""
        answer = requests.post(
            f"{self._url}/v1/internal/trading-accounts/{account}/credentials",
            headers=self._headers,
            timeout=PATIENCE,
        )
        body = answer.json()
        if answer.status_code == 409:
            return str(body["next_step"])
        return body["api_key"], body["access_token"]


def pact() -> Pact:
    described = Pact("ticker", PROVIDER)
    _check(
        described,
        "of the owner of an account",
        ACCOUNT,
        "the person owns an active account",
        "allow",
    )
    _check(
        described,
        "of a stranger to an account",
        STRANGERS,
        "the account is somebody else's",
        "deny",
    )
    (
        described.upon_receiving("a request for the credentials of an active account")
        .given("the person owns an active account")
        .with_request("POST", f"/v1/internal/trading-accounts/{ACCOUNT}/credentials")
        .with_header("Authorization", match.regex("Bearer token", regex=r"^Bearer .+$"))
        .will_respond_with(200)
        .with_header("Cache-Control", "no-store")
        .with_body(
            {
                "trading_account_id": ACCOUNT,
                "broker": "kite",
                "api_key": match.like("key"),
                "api_secret": match.like("secret"),
                "access_token": match.like("access"),
                "reauth_by": match.regex("2026-11-26T00:30:00Z", regex=MOMENT),
            }
        )
    )
    (
        described.upon_receiving(
            "a request for the credentials of an account that waits for a login"
        )
        .given("the account waits for the day's login")
        .with_request("POST", f"/v1/internal/trading-accounts/{WAITING}/credentials")
        .with_header("Authorization", match.regex("Bearer token", regex=r"^Bearer .+$"))
        .will_respond_with(409)
        .with_header("Content-Type", "application/problem+json")
        .with_body(
            {
                "type": match.regex("https://gatehouse/problems/x", regex=r"^\S+/[a-z-]+$"),
                "status": 409,
                "account_status": "reauth_required",
                "next_step": "log_in",
            },
            content_type="application/problem+json",
        )
    )
    return described


def exercise(server: PactServer) -> None:
    ticker = Ticker(str(server.url).rstrip("/"), token="token")
    assert ticker.may_order(PERSON, ACCOUNT)
    assert not ticker.may_order(PERSON, STRANGERS)
    assert ticker.credentials(ACCOUNT) == ("key", "access")
    assert ticker.credentials(WAITING) == "log_in"


def _check(described: Pact, whose: str, account: str, state: str, decision: str) -> None:
    answer: dict[str, Any] = {
        "decision": decision,
        "reason": match.regex("policy", regex="^(policy|unknown|no_policy)$"),
        "ttl": match.integer(5),
        "evaluated_at": match.regex("2026-11-26T00:30:00Z", regex=MOMENT),
    }
    (
        described.upon_receiving(f"a question about an order {whose}")
        .given(state)
        .with_request("POST", "/v1/authz/check")
        .with_header("Authorization", match.regex("Bearer token", regex=r"^Bearer .+$"))
        .with_body(
            {
                "subject": f"user:{PERSON}",
                "action": "trade:place_order",
                "resource": f"trading_account:{account}",
            }
        )
        .will_respond_with(200)
        .with_body(answer)
    )
