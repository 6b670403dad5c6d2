"""A person with an app and a login at the broker, who does what people do."""

import re
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from secrets import randbits
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from rest_framework.test import APIClient

from accounts.models import User
from config.telemetry import planted_secrets
from trading.brokers.kite_client import hushed_transport
from trading.models import TradingAccount
from trading.simulator.client import SimulatorControl
from trading.simulator.state import App
from trading.simulator.state import User as BrokerUser

CALLBACK = "/v1/trading-accounts/kite/callback"
LOGIN_ID = re.compile(r'name="login_id" value="([^"]+)"')


@dataclass(kw_only=True)
class Trader:
    user: User
    api: APIClient
    control: SimulatorControl
    app: App = field(default=None)  # type: ignore[assignment]
    broker_user: BrokerUser = field(default=None)  # type: ignore[assignment]

    def __post_init__(self) -> None:
        self.app = self.app or self.control.create_app(redirect_url=f"http://testserver{CALLBACK}")
        self.broker_user = self.broker_user or self.control.create_user()
        planted_secrets.add(self.app.api_secret, self.broker_user.password)

    def link(self, *, api_secret: str = "", **headers: str) -> Any:
        """POST …/link with the app's key, and with its secret unless another is given."""
        body = {
            "broker": "kite",
            "nickname": "Long term",
            "credentials": self.credentials(api_secret=api_secret),
        }
        return self.api.post(
            "/v1/trading-accounts/link", body, format="json", headers=headers or None
        )

    def credentials(self, *, api_secret: str = "") -> dict[str, str]:
        return {"api_key": self.app.api_key, "api_secret": api_secret or self.app.api_secret}

    def walk(self, login_url: str, *, broker_user: BrokerUser | None = None) -> str:
        """Through the broker's login page, as a browser does; returns where it sends the browser then."""
        who = broker_user or self.broker_user
        planted_secrets.add(self.state_of(login_url), who.password)
        with hushed_transport(), requests.Session() as browser:
            page = browser.get(login_url, timeout=60)
            here = {"login_id": _login_id(page.text), "decision": "continue"}
            password = {"user_id": who.user_id, "password": who.password}
            page = browser.post(page.url, data=here | password, timeout=60)
            action = f"{self.control.url}/connect/twofa"
            done = browser.post(
                action, data=here | {"pin": who.pin}, timeout=60, allow_redirects=False
            )
        location = done.headers["Location"]
        planted_secrets.add(parse_qs(urlsplit(location).query)["request_token"][0])
        return location

    def come_back(self, location: str, **headers: str) -> Any:
        """What the browser does with the redirect: it has not signed in here."""
        parts = urlsplit(location)
        return browser().get(f"{parts.path}?{parts.query}", headers=headers or None)

    def log_in(self, login_url: str, **options: Any) -> Any:
        return self.come_back(self.walk(login_url, **options))

    def linked(self) -> TradingAccount:
        """The whole journey; returns the account, active."""
        started = self.link().json()
        finished = self.log_in(started["login_url"])
        assert finished.status_code == 200, finished.content
        planted_secrets.add(*(session.access_token for session in self.control.sessions()))
        return account_of(started)

    def state_of(self, login_url: str) -> str:
        redirect_params = parse_qs(urlsplit(login_url).query)["redirect_params"][0]
        return parse_qs(redirect_params)["state"][0]


def browser() -> APIClient:
    """Somebody's browser, at an address of its own."""
    return APIClient(REMOTE_ADDR=str(IPv4Address(randbits(24) | 0x0A000000)))


def account_of(body: dict[str, Any]) -> TradingAccount:
    """The row behind an answer."""
    return TradingAccount.objects.with_public_id(body["id"]).get()


def _login_id(page: str) -> str:
    found = LOGIN_ID.search(page)
    assert found, "the broker shows no login form"
    return found[1]
