"""A client of Kite's API without `kiteconnect`, so that the simulator is not judged by the library's habits."""

from hashlib import sha256
from typing import Any

import requests

from trading.simulator.client import SimulatorControl
from trading.simulator.state import App, Session, User

HEADERS = {"X-Kite-Version": "3"}


def send(method: str, url: str, **options: Any) -> requests.Response:
    """One request past every proxy and `.netrc` of the machine."""
    with requests.Session() as session:
        session.trust_env = False
        return session.request(method, url, **{"timeout": 5} | options)


class KiteApi:
    """The API at `control`'s simulator, for one app and one person of its own."""

    def __init__(self, control: SimulatorControl, **user: Any) -> None:
        self.control = control
        self.app: App = control.create_app(redirect_url="http://app.test/back")
        self.user: User = control.create_user(**user)

    def request_token(self) -> str:
        return self.control.grant_request_token(api_key=self.app.api_key, user_id=self.user.user_id)

    def exchange(self, request_token: str, *, secret: str | None = None) -> requests.Response:
        secret = self.app.api_secret if secret is None else secret
        text = f"{self.app.api_key}{request_token}{secret}"
        form = {
            "api_key": self.app.api_key,
            "request_token": request_token,
            "checksum": sha256(text.encode()).hexdigest(),
        }
        return self.send("POST", "/session/token", data=form)

    def log_in(self) -> str:
        """A new access token."""
        return str(self.exchange(self.request_token()).json()["data"]["access_token"])

    def get(self, path: str, access_token: str, **options: Any) -> requests.Response:
        authorization = f"token {self.app.api_key}:{access_token}"
        headers = HEADERS | {"Authorization": authorization}
        return self.send("GET", path, headers=headers, **options)

    def log_out(self, access_token: str) -> requests.Response:
        query = {"api_key": self.app.api_key, "access_token": access_token}
        return self.send("DELETE", "/session/token", params=query)

    def send(self, method: str, path: str, **options: Any) -> requests.Response:
        return send(method, self.control.url + path, **{"headers": HEADERS} | options)

    def living(self) -> list[Session]:
        return [item for item in self.control.sessions() if item.api_key == self.app.api_key]
