"""The web client signs a person in with their password, and shows who they are."""

import requests
from pact import Pact, match
from pact.pact import PactServer

from tests.contract.consumers import PROVIDER, an_id

EMAIL, PASSPHRASE = "asha@example.com", "correct horse battery staple"
PATIENCE = 30  # seconds


class Web:
    def __init__(self, url: str) -> None:
        self._url = url

    def sign_in(self, email: str, password: str) -> str | None:
        """The access token, or None when the two do not open an account."""
        answer = requests.post(
            f"{self._url}/v1/auth/login",
            json={"email": email, "password": password},
            timeout=PATIENCE,
        )
        if answer.status_code == 401:
            return None
        return str(answer.json()["access_token"])

    def name(self, token: str) -> str:
        answer = requests.get(
            f"{self._url}/v1/users/me",
            headers={"Authorization": f"Bearer {token}"},
            timeout=PATIENCE,
        )
        return str(answer.json()["name"])


def pact() -> Pact:
    described = Pact("web", PROVIDER)
    (
        described.upon_receiving("the right password")
        .given("Asha has an account without a second factor")
        .with_request("POST", "/v1/auth/login")
        .with_body({"email": EMAIL, "password": PASSPHRASE})
        .will_respond_with(200)
        .with_body(
            {
                "access_token": match.regex("a.b.c", regex=r"^[\w-]+\.[\w-]+\.[\w-]+$"),
                "token_type": "Bearer",
                "expires_in": match.integer(900),
                "refresh_token": match.like("refresh"),
                "session_id": match.regex("ses_01h455vb4pex5vsknk084sn02q", regex=an_id("ses")),
                "user": {
                    "id": match.regex("usr_01h455vb4pex5vsknk084sn02q", regex=an_id("usr")),
                    "email": EMAIL,
                    "name": match.like("Asha Rao"),
                },
            }
        )
    )
    (
        described.upon_receiving("a wrong password")
        .given("Asha has an account without a second factor")
        .with_request("POST", "/v1/auth/login")
        .with_body({"email": EMAIL, "password": "not the right one"})
        .will_respond_with(401)
        .with_body(
            {
                "type": match.regex(
                    "https://gatehouse/invalid-credentials", regex="^\\S+/invalid-credentials$"
                ),
                "status": 401,
            },
            content_type="application/problem+json",
        )
    )
    (
        described.upon_receiving("the question who is signed in")
        .given("Asha is signed in")
        .with_request("GET", "/v1/users/me")
        .with_header("Authorization", match.regex("Bearer a.b.c", regex=r"^Bearer .+$"))
        .will_respond_with(200)
        .with_body(
            {
                "id": match.regex("usr_01h455vb4pex5vsknk084sn02q", regex=an_id("usr")),
                "email": EMAIL,
                "name": match.like("Asha Rao"),
                "status": "active",
            }
        )
    )
    return described


def exercise(server: PactServer) -> None:
    web = Web(str(server.url).rstrip("/"))
    assert web.sign_in(EMAIL, PASSPHRASE) == "a.b.c"
    assert web.sign_in(EMAIL, "not the right one") is None
    assert web.name("a.b.c") == "Asha Rao"
