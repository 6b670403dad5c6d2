"""The stack of the drill and all that it stands on, each of which can be taken away."""

import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import httpx
import psutil
import psycopg

from config.devstack.layout import Layout
from config.devstack.ports import LOOPBACK, remembered_simulator_port
from config.vault.tests.transit_server import TransitServer
from tests.proofs.chaos_victims import mains
from tests.proofs.crowd import PASSWORD, bring_in
from tests.proofs.prove_links import Outcome, Person
from tests.proofs.prove_links import Scene as Links
from tests.proofs.served import Served, served
from tests.streaming import Server, Standby, server, standby_of
from tests.valkeys import Valkey
from tests.waiting import wait_until
from trading.simulator.client import SimulatorControl

PEOPLE = [f"person{n}" for n in range(40)]
ACCOUNTS = 8  # at the broker, of one owner
SYNC = """
from trading.models import SyncTrigger
from trading.services import bulk_sync
bulk_sync.start(owner=None, trigger=SyncTrigger.COMMAND)
"""
SETTINGS = {
    "REQUESTS_PER_MINUTE": "1000000",
    "ACCESS_TOKEN_LIFETIME": "3600",
    "STEP_UP_MAX_AGE": "3600",  # whoever links an account proved a second factor at the beginning
    "DATA_KEY_CACHE_LIFETIME": "1",  # so that the key service is asked all the time
    "KEK_LOOKUP_LIFETIME": "1",
    "CIRCUIT_COOLDOWN": "15",
    "WEBHOOK_RETRY_FOR": "1",  # a delivery that fails is a dead letter
    "RELAY_ATTEMPTS": "3",
    "BROKER_READ_TIMEOUT": "2",
    "SYNC_PATIENCE": "1",
    "OUTBOUND_ALLOWED_NETWORKS": "127.0.0.0/8",  # where nobody takes the webhooks
}


@dataclass
class Scene:
    """Everything runs. `emails` are people with the crowd's password, `owner` has `ACCOUNTS` accounts at the broker."""

    stack: Served
    primary: Server
    standby: Standby
    valkey: Valkey
    keys: TransitServer
    broker: SimulatorControl
    emails: Sequence[str]
    owner: Person

    def sql(self, statement: str, *terms: Any, triggers: bool = False) -> list[Any]:
        """Past the service, and past its triggers unless they are wanted, as the tables' owner may. Rows, if any."""
        with psycopg.connect(self.primary.url, autocommit=True) as connection:
            if not triggers:
                connection.execute("SET session_replication_role = replica")
            done = connection.execute(statement, terms or None)
            return done.fetchall() if done.description else []

    def python(self, script: str) -> str:
        """What the script prints, with the service's models and settings at hand."""
        return self.stack.manage("shell", "--no-imports", "-c", script)

    def client(self, address: str) -> httpx.Client:
        """Somebody there."""
        return httpx.Client(
            base_url=f"http://127.0.0.1:{self.stack.port}",
            headers={"X-Forwarded-For": address, "Accept": "application/json"},
            timeout=20.0,
            trust_env=False,
        )

    def sign_in(self, number: int, *, address: str = "") -> httpx.Response:
        """The person of that number, from an address of its own each time unless one is given."""
        with self.client(address or _anywhere()) as client:
            body = {"email": self.emails[number % len(self.emails)], "password": PASSWORD}
            return client.post("/v1/auth/login", json=body)

    def sync(self) -> None:
        """Have the workers sync each account now; it is only begun when this returns."""
        self.python(SYNC)

    def bring_back(self) -> None:
        """Sync until every account that has a session is active, and the broker is asked as ever."""

        def well() -> bool:
            self.sync()
            time.sleep(2)
            states = {one["status"] for one in self.accounts()}
            return "degraded" not in states and 'circuit_open{broker="kite"} 0.0' in self.metrics()

        wait_until(well, "accounts that are well", limit=90.0)

    def metrics(self) -> str:
        with urlopen(f"http://127.0.0.1:{self.stack.port}/metrics", timeout=20) as answer:
            return str(answer.read(), "utf-8")

    def accounts(self) -> list[dict[str, Any]]:
        shown = self.owner.client.get("/v1/trading-accounts", params={"limit": 200})
        found: list[dict[str, Any]] = shown.raise_for_status().json()["results"]
        return found

    def process(self, name: str) -> psutil.Process:
        """The main process of that name in the Procfile, or as `mains` has it."""
        for launcher in psutil.Process(self.stack.pid).children():
            command = launcher.cmdline()
            behind = command[command.index("--") + 1 :] if "--" in command else []
            if name in behind and launcher.children():
                return launcher.children()[0]
        return mains(self.stack)[name]

    @contextmanager
    def halted(self, *names: str) -> Iterator[None]:
        """These processes hang, with all theirs, and go on afterwards."""
        mains = [self.process(name) for name in names]
        with _stopped([each for main in mains for each in (main, *main.children(recursive=True))]):
            yield

    @contextmanager
    def nothing_restarts(self) -> Iterator[None]:
        """Whatever dies stays dead for the length of the block: the supervisor hangs."""
        with _stopped([psutil.Process(self.stack.pid)]):
            yield

    @contextmanager
    def all_the_time(
        self, act: Callable[[int], object], *, hands: int = 1, pause: float = 0.2
    ) -> Iterator[None]:
        """`act` again and again in threads, with the number of the turn. No answer at all is one of its outcomes."""
        over = threading.Event()
        turns = iter(range(10**9))
        lock = threading.Lock()

        def turn() -> None:
            while not over.wait(pause):
                with lock:
                    number = next(turns)
                try:
                    act(number)
                except httpx.TransportError:
                    continue

        threads = [threading.Thread(target=turn, daemon=True) for _ in range(hands)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            over.set()
            for thread in threads:
                thread.join()


@contextmanager
def _stopped(processes: Sequence[psutil.Process]) -> Iterator[None]:
    """By SIGSTOP."""
    stopped: list[psutil.Process] = []
    try:
        for each in processes:
            each.send_signal(signal.SIGSTOP)
            stopped.append(each)
        yield
    finally:
        for each in stopped:
            if each.is_running():
                each.send_signal(signal.SIGCONT)


_drawn = iter(range(10**9))


def _anywhere() -> str:
    number = next(_drawn)
    return f"10.{number // 256 % 256}.{number % 256}.9"


@contextmanager
def made_ready(folder: Path) -> Iterator[Scene]:
    """Servers, a stack on them and people in it, for the length of the block. `folder` is for the servers' data."""
    with ExitStack() as held:
        primary = held.enter_context(server(folder / "primary"))
        standby = held.enter_context(standby_of(primary.layout, folder / "standby"))
        valkey = Valkey(folder / "valkey", {})
        valkey.start()
        held.callback(valkey.stop)
        keys = held.enter_context(TransitServer())
        stack = held.enter_context(
            served(
                "--steady",
                "1",
                DATABASE_URL=primary.url,
                DATABASE_REPLICA_URLS=standby.url,
                REDIS_URL=f"redis://127.0.0.1:{valkey.port}/0",
                VAULT_PROVIDER="vault",
                VAULT_ADDR=keys.url,
                VAULT_TOKEN=keys.token,
                **SETTINGS,
            )
        )
        emails = bring_in(stack, [*PEOPLE, "owner"])
        port = remembered_simulator_port(Layout(Path(stack.environment["STATE_DIR"])))
        broker = SimulatorControl(f"http://{LOOPBACK}:{port}")
        owner = _linked(Links(stack, broker), emails[-1])
        yield Scene(stack, primary, standby, valkey, keys, broker, emails[:-1], owner)


def _linked(links: Links, email: str) -> Person:
    """Raises RuntimeError when an account could not be linked."""
    owner = links.sign_in(email, 1)
    outcome = Outcome()
    for number in range(ACCOUNTS):
        links.link(owner, number, outcome)
    if outcome.ends != {"active": ACCOUNTS}:
        raise RuntimeError(f"accounts to sync: {dict(outcome.ends)}")
    return owner
