"""Clients that change things through the API all the time, and remember what they were told."""

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.client import HTTPException
from itertools import count
from threading import Event, Thread
from typing import Any

import httpx

from tests.proofs.administrator import Administrator
from tests.proofs.crowd import PASSWORD, address
from tests.proofs.prove_links import Person
from tests.proofs.served import Served
from tests.proofs.sight import CHANGE, Sight, kind_of

PAUSE = 0.05  # seconds between two changes of one client
AWAY = 0.2  # seconds after an answer that did not come
SECONDS = 15.0  # until an answer is given up
ROLES = ("trader", "support")


@dataclass
class Ledger:
    """What was told, by kind of change: done, refused, or nothing, so that nobody knows. `done` has what names each
    change in the database; `unknown` only how many there were, and for profiles of whom.
    """

    done: dict[str, list[str]] = field(default_factory=dict)
    unknown: dict[str, list[str]] = field(default_factory=dict)
    refused: Counter[str] = field(default_factory=Counter)

    def note(self, kind: str, name: str, answer: httpx.Response | None) -> bool:
        """Whether it was done."""
        if answer is None:
            self.unknown.setdefault(kind, []).append(name)
        elif answer.is_success:
            self.done.setdefault(kind, []).append(name)
            return True
        else:
            self.refused[f"{kind} {answer.status_code}"] += 1
        return False

    @property
    def total(self) -> int:
        return sum(map(len, self.done.values()))

    @property
    def unanswered(self) -> int:
        return sum(map(len, self.unknown.values()))


class Client:
    """Somebody at an address of their own; the connection is kept. `sight` hears of every answer."""

    def __init__(self, stack: Served, number: int, sight: Sight | None = None) -> None:
        self._sight = sight or Sight()
        self._http = httpx.Client(
            base_url=f"http://127.0.0.1:{stack.port}",
            headers={"X-Forwarded-For": address(number)},
            timeout=SECONDS,
            trust_env=False,
        )

    def ask(self, method: str, path: str, **request: Any) -> httpx.Response | None:
        """None when there was no answer, or one that says that something is broken: it may be done or not."""
        answer: httpx.Response | None = None
        try:
            answer = self._http.request(method, path, **request)
            self._sight.note(kind_of(method, path), answer)
        except httpx.TransportError as error:
            self._sight.note(kind_of(method, path), error)
        if answer is None or answer.status_code >= 500:
            time.sleep(AWAY)
            return None
        return answer

    def knock(self, path: str, token: str) -> int:
        """The status of an answer that should be a refusal, or 0 for none."""
        try:
            return self._http.get(path, headers={"Authorization": f"Bearer {token}"}).status_code
        except httpx.TransportError:
            return 0


class Member:
    """A person who signs in as often as need be."""

    def __init__(self, stack: Served, number: int, email: str, sight: Sight | None = None) -> None:
        self._client, self._email = Client(stack, number, sight), email
        self._token = self.user_id = ""

    def ask(self, method: str, path: str, **request: Any) -> httpx.Response | None:
        if not self._token and not self._sign_in():
            return None
        bearer = {"Authorization": f"Bearer {self._token}"}
        answer = self._client.ask(method, path, headers=bearer, **request)
        if answer is not None and answer.status_code == 401:
            self._token = ""
        return answer

    def _sign_in(self) -> bool:
        secret = {"email": self._email, "password": PASSWORD}
        answer = self._client.ask("POST", "/v1/auth/login", json=secret)
        if answer is None or not answer.is_success:
            return False
        self._token = answer.json()["access_token"]
        if not self.user_id:
            mine = self.ask("GET", "/v1/users/me")
            self.user_id = mine.json()["id"] if mine is not None and mine.is_success else ""
        return bool(self.user_id)


@dataclass
class Load:
    """Five kinds of clients, each a thread, until `stop`. Each waits for `pause` seconds after a change."""

    stack: Served
    administrator: Administrator
    owners: dict[str, Person]  # by the id of their account
    members: list[Member]
    ledger: Ledger = field(default_factory=Ledger)
    sight: Sight = field(default_factory=Sight)
    pause: float = PAUSE
    _enough: Event = field(default_factory=Event)
    _threads: list[Thread] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))
    failures: list[BaseException] = field(default_factory=list)

    def start(self) -> None:
        for turns in (self._sign_ups, self._profiles, self._roles, self._policies, self._shares):
            thread = Thread(target=self._run, args=(turns(),), name=turns.__name__, daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self) -> None:
        self._enough.set()
        for thread in self._threads:
            thread.join()

    def _run(self, turns: Iterator[None]) -> None:
        try:
            while not self._enough.wait(self.pause):
                next(turns)
        except Exception as error:
            self.failures.append(error)

    def _sign_ups(self) -> Iterator[None]:
        for number in self._numbers:
            stranger = Client(self.stack, 10_000 + number, self.sight)
            email = f"chaos{number}@proof.example"
            body = {"email": email, "password": f"a long one of {number}", "name": "New"}
            self.ledger.note("sign-up", email, stranger.ask("POST", "/v1/auth/register", json=body))
            yield

    def _profiles(self) -> Iterator[None]:
        for number in self._numbers:
            member = random.choice(self.members)  # noqa: S311 - whose it is is no secret
            answer = member.ask("PATCH", "/v1/users/me", json={"name": f"Chaos {number}"})
            self.ledger.note("profile", member.user_id, answer)
            yield

    def _roles(self) -> Iterator[None]:
        for number in self._numbers:
            member = self.members[number % len(self.members)]
            if not member.user_id:
                yield
                continue
            path = f"/v1/users/{member.user_id}/roles/{random.choice(ROLES)}"  # noqa: S311
            why = f"chaos {number}"
            self.ledger.note("grant", why, self._staff("PUT", path, json={"reason": why}))
            yield
            why = f"chaos {number} ends"
            self.ledger.note("revoke", why, self._staff("DELETE", path, params={"reason": why}))
            yield

    def _policies(self) -> Iterator[None]:
        for number in self._numbers:
            why, name = f"chaos {number}", f"chaos-{number}"
            document = {
                "name": name,
                "effect": "allow",
                "subjects": [f"service:{name}"],
                "actions": ["chaos:watch"],
                "resources": ["chaos:*"],
            }
            body = {"document": document, "reason": why}
            made = self._staff("POST", "/v1/authz/policies", json=body)
            known = self.ledger.note("policy", why, made)
            yield
            if not known or made is None:
                continue
            path, match = f"/v1/authz/policies/{made.json()['id']}", made.headers["ETag"]
            why += " again"
            body = {"document": document | {"priority": 1}, "reason": why}
            changed = self._staff("PUT", path, json=body, headers={"If-Match": match})
            known = self.ledger.note("policy", why, changed)
            yield
            if known and changed is not None:
                held = {"If-Match": changed.headers["ETag"]}
                gone = self._staff("DELETE", path, params={"reason": why}, headers=held)
                self.ledger.note("policy ended", name, gone)
                yield

    def _shares(self) -> Iterator[None]:
        for number in self._numbers:
            account, owner = random.choice(list(self.owners.items()))  # noqa: S311
            path = f"/v1/trading-accounts/{account}/memberships"
            body = {"email": f"guest{number}@proof.example", "permissions": ["read"]}
            client = _asking(owner.client, self.sight)
            invited = client("POST", path, json=body)
            member = invited.json()["id"] if invited is not None and invited.is_success else ""
            if self.ledger.note("share", member, invited):
                yield
                self.ledger.note("share ended", member, client("DELETE", f"{path}/{member}"))
            self._enough.wait(1)  # an owner may invite 120 times in an hour
            yield

    def _staff(self, method: str, path: str, **request: Any) -> httpx.Response | None:
        """As the administrator."""
        try:
            bearer = f"Bearer {self.administrator.bearer()}"
        except (OSError, HTTPException, RuntimeError, ValueError) as error:
            self.sight.note(CHANGE, error)
            time.sleep(AWAY)
            return None
        headers = request.pop("headers", {}) | {"Authorization": bearer}
        return Client(self.stack, 9_999, self.sight).ask(method, path, headers=headers, **request)


def _asking(client: httpx.Client, sight: Sight) -> Callable[..., httpx.Response | None]:
    """What `Client.ask` does, with a client that exists."""
    asking = Client.__new__(Client)
    asking._http, asking._sight = client, sight
    return asking.ask
