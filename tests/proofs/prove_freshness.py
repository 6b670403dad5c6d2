"""Proves that no process allows what has been revoked: `python -m tests.proofs.prove_freshness`, about twenty minutes.

Eight processes ask for decisions without end, each with what it remembers itself. Roles are granted and revoked through
the API; each revocation begins when all eight have seen its subject allowed. From the moment at which a revocation has
returned, and until the next grant begins, every answer must be no; and yes between the return of a grant and the start
of its revocation. Then the same with Valkey stopped in the middle. Starts a stack of its own for each.
"""

import argparse
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory

from config.settings.sections.section import PROJECT_ROOT
from events.tests.processes import Valkey
from tests.proofs.administrator import Administrator
from tests.proofs.crowd import bring_in
from tests.proofs.freshness_board import Board, Phase
from tests.proofs.served import Served, served

WATCHERS = 8
SUBJECTS = 16  # revoked side by side, so that waiting for the watchers costs less
SIGHT = 20.0  # seconds in which all watchers must have looked
ROLE = "support"


@dataclass
class Writer:
    """Grants and revokes a role of some people through the API, until there were enough revocations."""

    stack: Served
    administrator: Administrator
    board: Board
    wanted: int
    revoked: int = 0
    retried: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self, subject: int, person: str) -> None:
        connection = HTTPConnection("127.0.0.1", self.stack.port, timeout=120)
        path = f"/v1/users/{person}/roles/{ROLE}"
        while self._take():
            self.board.advance(subject)
            self._send(connection, "PUT", path, '{"reason": "proof"}')
            assert self.board.advance(subject) is Phase.GRANTED
            self._wait_until_seen(subject)
            self.board.advance(subject)
            self._send(connection, "DELETE", f"{path}?reason=proof", None)
            assert self.board.advance(subject) is Phase.REVOKED

    def _take(self) -> bool:
        with self._lock:
            if self.revoked >= self.wanted:
                return False
            self.revoked += 1
            return True

    def _wait_until_seen(self, subject: int) -> None:
        step, deadline = self.board.step(subject), time.monotonic() + SIGHT
        while not self.board.seen_by_all(subject, step):
            if time.monotonic() > deadline:
                raise RuntimeError("Not every watcher has seen what was granted.")
            time.sleep(0.002)

    def _send(self, connection: HTTPConnection, method: str, path: str, body: str | None) -> None:
        """Until it is answered well: only then has the change been promised."""
        for _ in range(30):
            headers = {"Authorization": f"Bearer {self.administrator.bearer()}"}
            if body:
                headers["Content-Type"] = "application/json"
            try:
                connection.request(method, path, body, headers)
                answer = connection.getresponse()
                text = answer.read()
            except OSError:
                connection.close()
            else:
                if answer.status < 300 or (method == "DELETE" and answer.status == 404):
                    return
                if answer.status < 500:
                    raise RuntimeError(f"{method} {path}: {answer.status} {text!r}")
            self.retried += 1
            time.sleep(0.2)
        raise RuntimeError(f"{method} {path}: no answer")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--revocations", type=int, default=10_000, help="(%(default)s)")
    parser.add_argument(
        "--revocations-with-outage",
        type=int,
        default=2_000,
        help="in the second part (%(default)s)",
    )
    parser.add_argument("--outage", type=float, default=60, help="seconds (%(default)s)")
    options = parser.parse_args()
    with served(**VARIABLES) as stack:
        print(f"{options.revocations} revocations:")
        held = prove(stack, options.revocations)
    with TemporaryDirectory(prefix="gatehouse-proof-") as folder:
        valkey = Valkey(Path(folder))
        valkey.start()
        try:
            with served(**VARIABLES, REDIS_URL=valkey.url) as stack:
                print(f"{options.revocations_with_outage}, Valkey away for {options.outage:g} s:")
                outage = lambda: stop_for_a_while(valkey, options.outage)  # noqa: E731
                held &= prove(stack, options.revocations_with_outage, meanwhile=outage)
        finally:
            valkey.stop()
    return 0 if held else 1


VARIABLES = {
    "REQUESTS_PER_MINUTE": "1000000",
    "ACCESS_TOKEN_LIFETIME": "3600",
    "LOG_LEVEL": "WARNING",
}


def stop_for_a_while(valkey: Valkey, outage: float) -> None:
    time.sleep(10)
    valkey.stop()
    print("  Valkey is away", flush=True)
    time.sleep(outage)
    valkey.start()
    print("  Valkey is back", flush=True)


def prove(stack: Served, revocations: int, *, meanwhile: Callable[[], None] | None = None) -> bool:
    """Whether every telling answer was right, with a report on standard output."""
    people = _people(stack)
    administrator = Administrator(stack)
    with TemporaryDirectory(prefix="gatehouse-proof-") as folder:
        path = Path(folder) / "board"
        board = Board.make(path, subjects=SUBJECTS, watchers=WATCHERS)
        watching = [_watcher(stack, path, number, people) for number in range(WATCHERS)]
        writer = Writer(stack, administrator, board, revocations)
        begun = time.monotonic()
        try:
            with ThreadPoolExecutor(SUBJECTS + 1) as pool:
                aside = [pool.submit(meanwhile)] if meanwhile else []
                for done in [
                    *(pool.submit(writer.run, n, person) for n, person in enumerate(people)),
                    *aside,
                ]:
                    done.result()
        finally:
            board.finish()
            reports = [json.loads(watcher.communicate()[0] or "{}") for watcher in watching]
    taken = time.monotonic() - begun
    wrong = [line for report in reports for line in report["wrong"]]
    print(
        f"  {writer.revoked} grants and revocations in {taken:.0f} s, {writer.retried} sent again"
    )
    print(
        f"  {sum(report['asked'] for report in reports)} decisions by {WATCHERS} processes,"
        f" {sum(report['telling'] for report in reports)} of them between two changes"
    )
    print(f"  wrong: {len(wrong)}", *wrong[:10], sep="\n    ", flush=True)
    return not wrong


def _people(stack: Served) -> list[str]:
    """Public ids of as many people as there are subjects."""
    emails = bring_in(stack, [f"subject{number}" for number in range(SUBJECTS)])
    script = (
        "from accounts.models import User\n"
        f"print(*(user.public_id for user in User.objects.filter(email__in={emails!r})))"
    )
    return stack.manage("shell", "--no-imports", "-c", script).split()


def _watcher(
    stack: Served, board: Path, number: int, people: Sequence[str]
) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [
            *(sys.executable, "-m", "tests.proofs.freshness_watcher"),
            *(str(board), str(number), str(WATCHERS), *people),
        ],
        cwd=PROJECT_ROOT,
        env=stack.environment,
        stdout=subprocess.PIPE,
        text=True,
    )


if __name__ == "__main__":
    sys.exit(main())
