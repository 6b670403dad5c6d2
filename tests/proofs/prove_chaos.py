"""Proves that no death of a process loses or invents anything: `python -m tests.proofs.prove_chaos`, 25 minutes.

Starts a stack of its own with the embedded servers, as `manage.py serve` does. While clients change things through the
API, the web, the relay, the worker, PostgreSQL or Valkey is killed with -9, again and again, and comes back.
"""

import argparse
import random
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from config.devstack.layout import Layout
from config.devstack.logs import tail
from tests.proofs import reckoning
from tests.proofs.chaos_load import Load
from tests.proofs.chaos_scene import load_on
from tests.proofs.chaos_victims import PIECES, kill, readiness, returned
from tests.proofs.served import Served, served

ROUNDS, MEMBERS, OWNERS = 200, 12, 4
CALM = (0.2, 2.5)  # seconds from one return to the next death
STEADY = "1"  # seconds after which the supervisor forgives a death: here they are ours


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
        chaos = Chaos(stack, load_on(stack, members=MEMBERS, owners=OWNERS))
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
        outbox, unchained = reckoning.waiting(self.stack)
        ledger, spent = self.load.ledger, time.monotonic() - self.begun
        _say(
            f"{number:>3} {spent:6.0f} s  {what:<32} {ledger.total:>6} changes, {ledger.unanswered} unanswered; "
            f"waiting: {outbox} events, {unchained} rows of the trail"
        )

    def reckon(self) -> bool:
        """Whether everything is as it should be, once what waits is through."""
        self.violations += [f"a client ended: {failure!r}" for failure in self.load.failures]
        self.violations += reckoning.reckon(self.stack, self.load.ledger)
        from tests.proofs import chaos_books

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
        return reckoning.layout(self.stack)


def _order(pieces: list[str], rounds: int) -> Iterator[str]:
    """Which dies when: each as often as any other, in an order drawn by lot."""
    drawn: list[str] = []
    for _ in range(rounds):
        drawn = drawn or random.sample(pieces, len(pieces))
        yield drawn.pop()


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
