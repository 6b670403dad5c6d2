"""Who uses the service all day: people who sign in and refresh, and a service that asks about others.

Of three watched people a role is granted and taken, and they are suspended and let in again. From the moment at which
taking it has been answered until the next change begins, no decision may allow them anything, and no token of one who
is suspended may open a door.
"""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Any

import httpx

from tests.proofs.administrator import Administrator
from tests.proofs.chaos_load import Client
from tests.proofs.crowd import PASSWORD, bring_in
from tests.proofs.served import Served
from tests.proofs.sight import CHANGE, Sight

ROLE = "support"  # may read any trading account
ACTION, RESOURCE = "trading_account:read", "trading_account:acc_01h455vb4pex5vsknk084sn02q"
WATCHED, VISITORS = 3, 2
REFRESHES = 20  # of one sign-in
DWELL = 1.0  # seconds that a watched person stays as they are
PATIENCE = 2.0  # seconds before somebody tries to sign in again: thirty times in a quarter of an hour are allowed
AGAIN = 0.3  # seconds before a change that was not answered well is asked for again
DONE = {200, 201, 204, 404, 409}  # it is so, or was already


@dataclass
class Watched:
    """`step` is odd while something changes; `allowed` says what must be answered while it is even."""

    person: str
    email: str
    step: int = 0
    allowed: bool | None = None
    suspended: bool = False


@dataclass
class Everyday:
    """Threads, until `stop`. `let_through` has a line for each answer that nobody should have got."""

    stack: Served
    administrator: Administrator
    sight: Sight
    let_through: list[str] = field(default_factory=list)
    withheld: list[str] = field(default_factory=list)
    telling: int = 0  # decisions between two changes
    failures: list[BaseException] = field(default_factory=list)
    _over: Event = field(default_factory=Event)
    _threads: list[Thread] = field(default_factory=list)

    def prepare(self) -> None:
        """Bring everybody in, and a service client to ask about them."""
        names = [f"watched{n}" for n in range(WATCHED)] + [f"visitor{n}" for n in range(VISITORS)]
        emails = bring_in(self.stack, names)
        made = self.stack.manage(
            "service_client", "create", "Drill", "--scope", "authz:check", "--json"
        )
        self._service = json.loads(made)
        script = (
            "from accounts.models import User\n"
            f"for email in {emails[:WATCHED]!r}: print(User.objects.get(email=email).public_id)"
        )
        ids = self.stack.manage("shell", "--no-imports", "-c", script).split()
        self._watched = [Watched(*pair) for pair in zip(ids, emails[:WATCHED], strict=True)]
        self._visitors = emails[WATCHED:]

    def start(self) -> None:
        ways: list[Callable[[], Iterator[None]]] = [self._decisions]
        ways += [self._visits(number, email) for number, email in enumerate(self._visitors)]
        ways += [self._changes(number, each) for number, each in enumerate(self._watched)]
        for way in ways:
            self._threads.append(Thread(target=self._run, args=(way,), daemon=True))
            self._threads[-1].start()

    def stop(self) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _run(self, way: Callable[[], Iterator[None]]) -> None:
        try:
            for _ in way():
                if self._over.is_set():
                    return
        except Exception as error:
            self.failures.append(error)

    def _visits(self, number: int, email: str) -> Callable[[], Iterator[None]]:
        client = Client(self.stack, 20_000 + number, self.sight)

        def visits() -> Iterator[None]:
            while True:
                yield from _visit(client, email, self._over)

        return visits

    def _decisions(self) -> Iterator[None]:
        client = Client(self.stack, 21_000, self.sight)
        pair = (self._service["client_id"], self._service["client_secret"])
        form = {"grant_type": "client_credentials"}
        token = client.ask("POST", "/v1/oauth/token", data=form, auth=pair)
        if token is None:
            raise RuntimeError("no token for the service that asks")
        bearer = {"Authorization": f"Bearer {token.json()['access_token']}"}
        while True:
            for each in self._watched:
                before = each.step
                question = {
                    "subject": f"user:{each.person}",
                    "action": ACTION,
                    "resource": RESOURCE,
                }
                answer = client.ask("POST", "/v1/authz/check", json=question, headers=bearer)
                if answer is not None and answer.is_success:
                    self._judge(each, before, answer.json()["decision"] == "allow")
                self._over.wait(0.02)
                yield

    def _judge(self, each: Watched, before: int, allowed: bool) -> None:
        """An answer while something changed may be either."""
        expected = each.allowed
        if before % 2 or each.step != before or expected is None:
            return
        self.telling += 1
        if allowed and not expected:
            self.let_through.append(f"{each.email} was allowed, step {before}")
        if expected and not allowed:
            self.withheld.append(f"{each.email} was denied what was granted, step {before}")

    def _changes(self, number: int, each: Watched) -> Callable[[], Iterator[None]]:
        staff = Client(self.stack, 22_000 + number, self.sight)
        person = Client(self.stack, 23_000 + number, self.sight)
        role, reason = f"/v1/users/{each.person}/roles/{ROLE}", {"reason": "drill"}

        def changes() -> Iterator[None]:
            grant = ("PUT", role, {"json": reason})
            suspend = ("POST", f"/v1/users/{each.person}/suspend", {"json": reason})
            reactivate = ("POST", f"/v1/users/{each.person}/reactivate", {"json": reason})
            revoke = ("DELETE", role, {"params": reason})
            while True:
                self._change(staff, each, grant, allowed=True)
                yield from self._dwell()
                token = _signed_in(person, each.email)
                self._change(staff, each, suspend, allowed=False)
                yield from self._knock(person, each, token)
                self._change(staff, each, reactivate, allowed=True)
                yield from self._dwell()
                self._change(staff, each, revoke, allowed=False)
                yield from self._dwell()

        return changes

    def _change(
        self, staff: Client, each: Watched, asked: tuple[str, str, dict[str, Any]], *, allowed: bool
    ) -> None:
        """Until it is answered well: only then has it been promised."""
        method, path, what = asked
        each.step += 1
        while not self._over.is_set():
            answer = self._as_staff(staff, method, path, what)
            if answer is not None and answer.status_code in DONE:
                each.allowed = allowed
                each.step += 1
                return
            self._over.wait(AGAIN)

    def _as_staff(
        self, staff: Client, method: str, path: str, what: dict[str, Any]
    ) -> httpx.Response | None:
        try:
            bearer = {"Authorization": f"Bearer {self.administrator.bearer()}"}
        except (OSError, RuntimeError, ValueError) as error:
            self.sight.note(CHANGE, error)
            return None
        return staff.ask(method, path, headers=bearer, **what)

    def _dwell(self) -> Iterator[None]:
        self._over.wait(DWELL)
        yield

    def _knock(self, person: Client, each: Watched, token: str) -> Iterator[None]:
        """Of a suspended person nothing is answered; their 401 is not for `sight`, which takes it for a fault."""
        until = time.monotonic() + DWELL
        while token and time.monotonic() < until and not each.step % 2:
            status = person.knock("/v1/users/me", token)
            if status and status < 300:
                self.let_through.append(f"a token of {each.email}, who is suspended, was taken")
            self._over.wait(0.1)
            yield
        yield from self._dwell()


def _visit(client: Client, email: str, over: Event) -> Iterator[None]:
    """Sign in, refresh some times, and leave."""
    body = {"email": email, "password": PASSWORD}
    tokens = client.ask("POST", "/v1/auth/login", json=body)
    over.wait(0.2)
    yield
    for _ in range(REFRESHES):
        if tokens is None or not tokens.is_success:
            over.wait(PATIENCE)
            return
        last = {"refresh_token": tokens.json()["refresh_token"]}
        tokens = client.ask("POST", "/v1/auth/refresh", json=last)
        if tokens is None:  # again, as apps do
            tokens = client.ask("POST", "/v1/auth/refresh", json=last)
        over.wait(0.2)
        yield
    if tokens is not None and tokens.is_success:
        bearer = {"Authorization": f"Bearer {tokens.json()['access_token']}"}
        client.ask("POST", "/v1/auth/logout", json={}, headers=bearer)


def _signed_in(person: Client, email: str) -> str:
    """An access token; "" when there was none to be had."""
    answer = person.ask("POST", "/v1/auth/login", json={"email": email, "password": PASSWORD})
    return str(answer.json()["access_token"]) if answer is not None and answer.is_success else ""
