"""Proves that many people link accounts at once without an error: `python -m tests.proofs.prove_links`, five minutes.

A hundred links a minute through the API, each with its login at the simulator's pages and its way back. Starts a stack
of its own.
"""

import argparse
import base64
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from typing import Any
from urllib.parse import urlsplit

import httpx
from django_otp.oath import totp

from config.devstack.layout import Layout
from config.devstack.ports import LOOPBACK, remembered_simulator_port
from tests.proofs.crowd import PASSWORD, address, bring_in
from tests.proofs.served import Served, served
from trading.simulator.client import SimulatorControl
from trading.simulator.state import App
from trading.tests.simulator.browser import walk_login

LINKS_EACH = 20  # of one person: their limit is thirty an hour
AT_ONCE = 32
AHEAD = 20.0  # seconds before their first link that a person signs in: a factor is fresh for five minutes
SECONDS = 30.0  # until a request is given up


@dataclass
class Outcome:
    """What came of each link, and how long it took: all of it, and our own two answers."""

    ends: Counter[str] = field(default_factory=Counter)
    whole: list[float] = field(default_factory=list)
    link: list[float] = field(default_factory=list)
    callback: list[float] = field(default_factory=list)
    late: float = 0.0


@dataclass(frozen=True)
class Person:
    """Signed in with a second factor, and with an app at the broker."""

    client: httpx.Client
    app: App


@dataclass(frozen=True)
class Scene:
    stack: Served
    broker: SimulatorControl

    def client(self, number: int) -> httpx.Client:
        """Somebody at an address of their own."""
        return httpx.Client(
            base_url=f"http://127.0.0.1:{self.stack.port}",
            headers={"X-Forwarded-For": address(number), "Accept": "application/json"},
            timeout=SECONDS,
            trust_env=False,
        )

    def sign_in(self, email: str, number: int) -> Person:
        """By password, with an authenticator app enrolled just now: that is a fresh second factor."""
        client = self.client(number)
        tokens = _done(client.post("/v1/auth/login", json={"email": email, "password": PASSWORD}))
        client.headers["Authorization"] = f"Bearer {tokens['access_token']}"
        secret = _done(client.post("/v1/mfa/totp/enroll", json={}))["secret"]
        _done(client.post("/v1/mfa/totp/confirm", json={"code": _code(secret)}))
        renewed = client.post("/v1/auth/refresh", json={"refresh_token": tokens["refresh_token"]})
        client.headers["Authorization"] = f"Bearer {_done(renewed)['access_token']}"
        way_back = f"http://127.0.0.1:{self.stack.port}/v1/trading-accounts/kite/callback"
        return Person(client, self.broker.create_app(redirect_url=way_back))

    def link(self, person: Person, number: int, outcome: Outcome) -> None:
        """One account, of a broker user of its own, from the key to `active`."""
        begun = time.perf_counter()
        broker_user = self.broker.create_user()
        pair = {"api_key": person.app.api_key, "api_secret": person.app.api_secret}
        body = {"broker": "kite", "nickname": f"Account {number}", "credentials": pair}
        key = {"Idempotency-Key": f"link-{number}"}
        with _timed(outcome.link):
            started = person.client.post("/v1/trading-accounts/link", json=body, headers=key)
        if started.status_code != 201:
            outcome.ends[f"link {started.status_code}"] += 1
            return
        way_back = walk_login(
            started.json()["login_url"],
            user_id=broker_user.user_id,
            password=broker_user.password,
            pin=broker_user.pin,
        )
        parts = urlsplit(way_back)
        with self.client(100_000 + number) as anybody, _timed(outcome.callback):
            finished = anybody.get(f"{parts.path}?{parts.query}")
        if finished.status_code != 200 or finished.json()["status"] != "active":
            outcome.ends[f"callback {finished.status_code}"] += 1
            return
        outcome.whole.append(time.perf_counter() - begun)
        outcome.ends["active"] += 1

    def linked(self, person: Person) -> int:
        """How many of the person's accounts are active, as the API tells."""
        shown = _done(person.client.get("/v1/trading-accounts", params={"limit": 200}))
        return sum(account["status"] == "active" for account in shown["results"])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=5, help="how long (%(default)s)")
    parser.add_argument("--rate", type=int, default=100, help="links a minute (%(default)s)")
    options = parser.parse_args()
    links = round(options.minutes * options.rate)
    with served() as stack:
        emails = bring_in(stack, [f"linker{n}" for n in range(-(-links // LINKS_EACH))])
        port = remembered_simulator_port(Layout(Path(stack.environment["STATE_DIR"])))
        scene = Scene(stack, SimulatorControl(f"http://{LOOPBACK}:{port}"))
        return prove(scene, emails, links=links, pause=60 / options.rate)


def prove(scene: Scene, emails: list[str], *, links: int, pause: float) -> int:
    """0 when every link became active, and the API shows each of them."""
    outcome = Outcome()
    begun = time.perf_counter() + AHEAD
    people: list[Future[Person]] = []
    with ThreadPoolExecutor(AT_ONCE) as hands, ThreadPoolExecutor(4) as doors:

        def sign_in(number: int) -> Person:
            _wait_until(begun + number * LINKS_EACH * pause - AHEAD)
            return scene.sign_in(emails[number], number)

        def link(number: int) -> None:
            due = begun + number * pause
            try:
                person = people[number // LINKS_EACH].result()
                outcome.late = max(outcome.late, time.perf_counter() - due)
                scene.link(person, number, outcome)
            except Exception as error:
                outcome.ends[type(error).__name__] += 1

        people += [doors.submit(sign_in, number) for number in range(len(emails))]
        for number in range(links):
            _wait_until(begun + number * pause)
            hands.submit(link, number)
    taken = time.perf_counter() - begun
    active = sum(scene.linked(person.result()) for person in people)
    print(f"links: {dict(outcome.ends)} in {taken:.1f} s, {60 * links / taken:.0f} a minute")
    print(f"  begun at most {outcome.late:.1f} s late; the API shows {active} active accounts")
    for name, times in (("link", outcome.link), ("callback", outcome.callback)):
        print(f"  {name}: {_spread(times)}")
    print(f"  from the key to active, with the broker's pages: {_spread(outcome.whole)}")
    return 0 if outcome.ends == {"active": links} and active == links else 1


def _wait_until(moment: float) -> None:
    time.sleep(max(0.0, moment - time.perf_counter()))


@contextmanager
def _timed(into: list[float]) -> Iterator[None]:
    begun = time.perf_counter()
    yield
    into.append(time.perf_counter() - begun)


def _code(secret: str) -> str:
    """What an authenticator app shows now."""
    return f"{totp(base64.b32decode(secret)):06d}"


def _done(response: httpx.Response) -> Any:
    if response.is_error:
        raise RuntimeError(f"{response.request.url.path}: {response.status_code} {response.text}")
    return response.json()


def _spread(times: list[float]) -> str:
    if len(times) < 2:
        return "too few"
    p95 = quantiles(times, n=20)[-1]
    return f"p50 {_ms(median(times))}, p95 {_ms(p95)}, longest {_ms(max(times))}"


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:,.0f} ms"


if __name__ == "__main__":
    sys.exit(main())
