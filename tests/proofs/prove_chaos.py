"""Proves that no death of a process loses or invents anything: `python -m tests.proofs.prove_chaos`, 25 minutes.

Starts a stack of its own with the embedded servers, as `manage.py serve` does. While clients change things through the
API, the web, the relay, the worker, PostgreSQL or Valkey is killed with -9, again and again, and comes back.
"""

import argparse
import os
import random
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import django
import psycopg

from config.devstack.layout import Layout
from config.devstack.logs import tail
from config.devstack.ports import LOOPBACK, remembered_simulator_port
from tests.proofs.administrator import Administrator
from tests.proofs.chaos_load import Load, Member
from tests.proofs.chaos_victims import (
    LOOK_EVERY,
    PIECES,
    RETURN_LIMIT,
    kill,
    readiness,
    returned,
)
from tests.proofs.crowd import bring_in
from tests.proofs.prove_links import Outcome, Person, Scene
from tests.proofs.served import Served, served
from trading.simulator.client import SimulatorControl

ROUNDS, MEMBERS, OWNERS = 200, 12, 4
CALM = (0.2, 2.5)  # seconds from one return to the next death
STEADY = "1"  # seconds after which the supervisor forgives a death: here they are ours
SETTLE_LIMIT = 120.0  # seconds
WAITING = """
    SELECT (SELECT count(*) FROM events_outboxevent WHERE sent_at IS NULL),
           (SELECT count(*) FROM audit_unchainedevent)
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="deaths (%(default)s)")
    parser.add_argument(
        "--only", choices=PIECES, nargs="+", default=PIECES, help="kill none but these"
    )
    parser.add_argument("--seed", type=int, default=None, help="of what dies when")
    options = parser.parse_args()
    random.seed(options.seed)
    with served("--steady", STEADY, ACCESS_TOKEN_LIFETIME="3600") as stack:
        chaos = Chaos(stack, _load_on(stack))
        chaos.load.start()
        try:
            for number, piece in enumerate(_order(options.only, options.rounds), start=1):
                chaos.strike(number, piece)
        finally:
            chaos.load.stop()
        return 0 if chaos.reckon() else 1


@dataclass
class Chaos:
    stack: Served
    load: Load
    violations: list[str] = field(default_factory=list)
    begun: float = field(default_factory=time.monotonic)

    def strike(self, number: int, piece: str) -> None:
        """One round: calm, a death, and its end."""
        time.sleep(random.uniform(*CALM))  # noqa: S311 - when it dies is no secret
        death = kill(self.stack, piece)
        seconds = returned(self.stack, death)
        if seconds is None:
            raise SystemExit(f"round {number}: {death} did not come back\n{self._last_words()}")
        self._report(number, f"{death} back in {seconds:.1f} s")

    def _last_words(self) -> str:
        """The end of every log, and what the service says of itself."""
        state = self._layout.state_dir
        logs = [state / "serve.log", *sorted(self._layout.logs.glob("*.log"))]
        said = [f"== {log.name}\n{tail(log)}" for log in logs if log.exists()]
        return "\n".join([*said, f"== readyz\n{readiness(self.stack)}"])

    def _report(self, number: int, what: str) -> None:
        outbox, unchained = self._waiting()
        ledger, spent = self.load.ledger, time.monotonic() - self.begun
        _say(
            f"{number:>3} {spent:6.0f} s  {what:<32} {ledger.total:>6} changes, {ledger.unanswered} unanswered; "
            f"waiting: {outbox} events, {unchained} rows of the trail"
        )

    def reckon(self) -> bool:
        """Whether everything is as it should be, once what waits is through."""
        deadline = time.monotonic() + SETTLE_LIMIT
        while any(self._waiting()) and time.monotonic() < deadline:
            time.sleep(0.5)
        self.violations += [f"a client ended: {failure!r}" for failure in self.load.failures]
        _set_django_up(self.stack)
        from config import redis
        from tests.proofs import chaos_books

        self.violations += chaos_books.violations(redis.client(), self.load.ledger)
        self.violations += chaos_books.traces(self._layout.logs)
        _say(self.stack.manage("audit_verify").strip())
        _say(
            f"{chaos_books.forgotten(self._layout.logs)} events that Valkey forgot were sent again"
        )
        ledger = self.load.ledger
        for kind, names in sorted(ledger.done.items()):
            _say(f"{kind}: {len(names)} done, {len(ledger.unknown.get(kind, ()))} unanswered")
        _say(f"refused: {dict(ledger.refused) or 'none'}")
        for line in self.violations:
            _say(f"VIOLATION {line}")
        _say(f"{len(self.violations)} violations in {time.monotonic() - self.begun:.0f} s")
        return not self.violations

    @property
    def _layout(self) -> Layout:
        return Layout(Path(self.stack.environment["STATE_DIR"]))

    def _waiting(self) -> tuple[int, int]:
        """PostgreSQL may only now notice that a child of it died, and recover before it answers."""
        deadline = time.monotonic() + RETURN_LIMIT
        while True:
            try:
                with psycopg.connect(self._layout.database_url) as connection:
                    outbox, unchained = connection.execute(WAITING).fetchone() or (0, 0)
                return int(outbox), int(unchained)
            except psycopg.OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(LOOK_EVERY)


def _load_on(stack: Served) -> Load:
    """People to change things, and owners with an account each to share."""
    emails = bring_in(stack, [f"member{n}" for n in range(MEMBERS)])
    owners = bring_in(stack, [f"owner{n}" for n in range(OWNERS)])
    port = remembered_simulator_port(Layout(Path(stack.environment["STATE_DIR"])))
    scene = Scene(stack, SimulatorControl(f"http://{LOOPBACK}:{port}"))
    sharing: dict[str, Person] = {}
    for number, email in enumerate(owners):
        owner = scene.sign_in(email, 100 + number)
        scene.link(owner, number, outcome := Outcome())
        if outcome.ends != {"active": 1}:
            raise RuntimeError(f"no account to share: {dict(outcome.ends)}")
        shown = owner.client.get("/v1/trading-accounts").json()
        sharing[shown["results"][0]["id"]] = owner
    members = [Member(stack, number, email) for number, email in enumerate(emails)]
    return Load(stack, Administrator(stack), sharing, members)


def _order(pieces: list[str], rounds: int) -> Iterator[str]:
    """Which dies when: each as often as any other, in an order drawn by lot."""
    drawn: list[str] = []
    for _ in range(rounds):
        drawn = drawn or random.sample(pieces, len(pieces))
        yield drawn.pop()


def _set_django_up(stack: Served) -> None:
    os.environ.update(stack.environment)
    django.setup()


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
