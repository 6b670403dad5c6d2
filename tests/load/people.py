"""Who puts load on us: `locust -f tests/load/people.py`, a class of users for each scenario.

Whom they may be is in the file that `LOAD_SCENE` names; `tests.load` writes it. Everybody comes from an address of
their own, so no limit for one address holds them all.
"""

import base64
import json
import os
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django_otp.oath import totp
from locust import FastHttpUser, constant, constant_pacing, task
from locust.exception import StopUser

from tests.proofs.crowd import PASSWORD, address
from trading.simulator.client import SimulatorControl
from trading.tests.simulator.browser import walk_login

SCENE: dict[str, Any] = json.loads(Path(os.environ["LOAD_SCENE"]).read_text())
NUMBERS = count()
LINKS_EACH = 20  # of one person: their limit is thirty an hour


class Somebody(FastHttpUser):
    """A person at an address of their own."""

    abstract = True
    network_timeout = connection_timeout = 60.0  # a storm is a queue: who waits is no failure

    def on_start(self) -> None:
        self.number = next(NUMBERS)
        self.email = SCENE["emails"][self.number % len(SCENE["emails"])]
        self.headers = {"X-Forwarded-For": address(self.number)}

    def ask(self, name: str, path: str, body: Any, *, wanted: int = 200, **headers: str) -> Any:
        """POST; the answer's JSON. Another status is a failure, and ends what was being done."""
        with self.client.post(
            path, json=body, headers=self.headers | headers, name=name, catch_response=True
        ) as answer:
            if answer.status_code != wanted:
                answer.failure(f"{answer.status_code} {answer.text or ''}"[:300])
                raise StopUser
            answer.success()
            return answer.json()

    def sign_in(self) -> Any:
        tokens = self.ask("sign in", "/v1/auth/login", {"email": self.email, "password": PASSWORD})
        self.headers["Authorization"] = f"Bearer {tokens['access_token']}"
        return tokens

    def check(self) -> None:
        self.ask(
            "decision",
            "/v1/authz/check",
            {
                "subject": f"user:{SCENE['person']}",
                "action": "trade:place_order",
                "resource": "trading_account:acc_01jz0000000000000000000000",
            },
            Authorization=f"Bearer {SCENE['token']}",
        )


class Storm(Somebody):
    """Everybody signs in at once, and again as somebody else."""

    wait_time = constant(0)

    @task
    def come_in(self) -> None:
        super().on_start()
        self.sign_in()


class Decisions(Somebody):
    """Services ask as fast as they are answered."""

    wait_time = constant(0)

    @task
    def ask_for_one(self) -> None:
        self.check()


class Refreshing(Somebody):
    """People who are signed in, whose apps refresh far more often than apps do."""

    wait_time = constant_pacing(1)

    def on_start(self) -> None:
        super().on_start()
        self.refresh_token = self.sign_in()["refresh_token"]

    @task
    def refresh(self) -> None:
        body = {"refresh_token": self.refresh_token}
        self.refresh_token = self.ask("refresh", "/v1/auth/refresh", body)["refresh_token"]


class Linking(Somebody):
    """People with an authenticator app who link broker accounts, through the broker's own pages."""

    wait_time = constant_pacing(3)

    def on_start(self) -> None:
        super().on_start()
        tokens = self.sign_in()
        secret = self.ask("enrol an app", "/v1/mfa/totp/enroll", {})["secret"]
        code = f"{totp(base64.b32decode(secret)):06d}"
        self.ask("confirm it", "/v1/mfa/totp/confirm", {"code": code})
        renewed = self.ask(
            "refresh", "/v1/auth/refresh", {"refresh_token": tokens["refresh_token"]}
        )
        self.headers["Authorization"] = f"Bearer {renewed['access_token']}"
        self.broker = SimulatorControl(SCENE["simulator"])
        self.app = self.broker.create_app(
            redirect_url=f"{self.host}/v1/trading-accounts/kite/callback"
        )
        self.links = 0

    @task
    def link(self) -> None:
        if self.links == LINKS_EACH:
            raise StopUser
        self.links += 1
        broker_user = self.broker.create_user()
        begun = self.ask(
            "link",
            "/v1/trading-accounts/link",
            {
                "broker": "kite",
                "nickname": f"Account {self.links}",
                "credentials": {"api_key": self.app.api_key, "api_secret": self.app.api_secret},
            },
            wanted=201,
            **{"Idempotency-Key": f"link-{self.number}-{self.links}"},
        )
        way_back = urlsplit(
            walk_login(
                begun["login_url"],
                user_id=broker_user.user_id,
                password=broker_user.password,
                pin=broker_user.pin,
            )
        )
        with self.client.get(
            f"{way_back.path}?{way_back.query}",
            headers={"Accept": "application/json"},
            name="callback",
            catch_response=True,
        ) as answer:
            if answer.status_code != 200 or answer.json()["status"] != "active":
                answer.failure(f"{answer.status_code} {answer.text or ''}"[:300])


class Day(Refreshing):
    """What a day is made of: mostly decisions, some refreshes and looks at oneself, few sign-ins."""

    wait_time = constant_pacing(0.5)

    @task(60)
    def ask_for_one(self) -> None:
        self.check()

    @task(15)
    def look(self) -> None:
        with self.client.get(
            "/v1/users/me", headers=self.headers, name="who am I", catch_response=True
        ) as answer:
            if answer.status_code != 200:
                answer.failure(f"{answer.status_code}")

    @task(10)
    def refresh_again(self) -> None:
        self.refresh()

    @task(3)
    def come_in_anew(self) -> None:
        self.on_start()


class Hurry(Day):
    """A day without a pause: as fast as they are answered."""

    wait_time = constant(0)
