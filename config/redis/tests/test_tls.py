"""TLS to Sentinels, to the server that they name, and to the servers of a cluster: on, with checked certificates."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import redis
from celery import Celery

from config.devstack import ports
from config.redis.opening import open_client
from config.redis.sending import exchange
from config.redis.tests.conftest import close
from config.settings.celery_broker import celery
from tests.authority import Authority
from tests.tls_door import TlsDoor, tls_door
from tests.valkeys import SERVICE, SLOTS, Valkey, wait_for


@dataclass
class Certificates:
    """`ours` is for this machine, under `authority`; the others are for another name, and of another authority."""

    authority: Path
    ours: Path
    misnamed: Path
    strange: Path


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    folder = tmp_path_factory.mktemp("certificates")
    authority, stranger = Authority(folder / "ours"), Authority(folder / "strange")
    return Certificates(
        authority.file,
        authority.certify(ports.LOOPBACK),
        authority.certify("elsewhere.example"),
        stranger.certify(ports.LOOPBACK),
    )


@dataclass
class Watched:
    """A server in charge and the one Sentinel that watches it, each behind a door; the Sentinel's takes TLS alone."""

    server: Valkey
    server_door: TlsDoor
    sentinel_door: TlsDoor
    trust: str  # what is added to a URL for whoever trusts the authority

    @property
    def url(self) -> str:
        """Without the trust."""
        return f"rediss+sentinel://{ports.LOOPBACK}:{self.sentinel_door.port}/{SERVICE}/0"


@pytest.fixture(scope="module")
def running_watched(
    tmp_path_factory: pytest.TempPathFactory, certificates: Certificates
) -> Iterator[Watched]:
    folder = tmp_path_factory.mktemp("watched")
    server = Valkey(folder / "server", {})
    with ExitStack() as held:
        door = held.enter_context(tls_door(server.port, certificates.ours, plain=True))
        watching = {f"sentinel monitor {SERVICE} {ports.LOOPBACK}": f"{door.port} 1"}
        sentinel = Valkey(folder / "sentinel", watching, sentinel=True)
        for each in (server, sentinel):
            held.callback(each.stop)
            each.start()
        before = held.enter_context(tls_door(sentinel.port, certificates.ours))
        yield Watched(server, door, before, f"?ssl_ca_certs={certificates.authority}")


@pytest.fixture
def watched(running_watched: Watched, certificates: Certificates) -> Iterator[Watched]:
    """With the right certificates, and an empty server."""
    with running_watched.server.client() as client:
        client.flushall()
    yield running_watched
    for door in (running_watched.server_door, running_watched.sentinel_door):
        door.present(certificates.ours)


@pytest.fixture
def opened() -> Iterator[Any]:
    """`open_client`, whose connections are closed afterwards."""
    with ExitStack() as held:

        def open_one(url: str) -> Any:
            client = open_client(url)
            held.callback(close, client)
            return client

        yield open_one


def test_sentinel_and_server_are_spoken_to_over_tls(watched: Watched, opened: Any) -> None:
    doors = (watched.sentinel_door, watched.server_door)
    before = [door.handshakes for door in doors]
    client = opened(watched.url + watched.trust)
    assert client.set("a", "1")
    assert exchange(client, [("GET", "a"), ("INCR", "a")]) == [b"1", 2]
    assert [door.handshakes - count for door, count in zip(doors, before, strict=True)] == [1, 1]


@pytest.mark.parametrize("wrong", ["strange", "misnamed"])
@pytest.mark.parametrize("piece", ["sentinel_door", "server_door"])
def test_a_certificate_that_proves_nothing_is_refused(
    watched: Watched, certificates: Certificates, opened: Any, piece: str, wrong: str
) -> None:
    getattr(watched, piece).present(getattr(certificates, wrong))
    client = opened(watched.url + watched.trust)
    with pytest.raises(redis.ConnectionError):
        client.set("a", "1")
    with watched.server.client() as direct:
        assert direct.get("a") is None


def test_an_authority_that_nobody_named_is_not_trusted(watched: Watched, opened: Any) -> None:
    with pytest.raises(redis.ConnectionError):
        opened(watched.url).get("a")


def test_a_sentinel_that_wants_tls_is_not_spoken_to_without(watched: Watched, opened: Any) -> None:
    with pytest.raises(redis.ConnectionError):
        opened(watched.url.replace("rediss", "redis")).get("a")


def brokers(watched: Watched) -> dict[str, str]:
    """URLs for Celery, without the trust."""
    server = f"rediss://{ports.LOOPBACK}:{watched.server_door.port}/0"
    return {"sentinel": watched.url, "server": server}


def send(url: str) -> None:
    """A task, as the service does. Raises what Kombu finds wrong with the connection."""
    app = Celery("over TLS", set_as_current=False)
    for name, value in celery(url, longest_task=60).items():
        app.conf[name.removeprefix("CELERY_").lower()] = value
    app.conf.update(task_default_queue="default", task_create_missing_queues=False)
    with app, app.connection_for_write() as connection:
        connection.transport.establish_connection()  # once: Kombu would wait, and try again
        app.send_task("one", queue="mail", connection=connection)


@pytest.mark.parametrize("kind", ["sentinel", "server"])
@pytest.mark.parametrize("named", [True, False], ids=["named", "of the system"])
def test_tasks_go_over_tls(
    watched: Watched,
    certificates: Certificates,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    named: bool,
) -> None:
    if not named:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificates.authority))
    before = watched.server_door.handshakes
    send(brokers(watched)[kind] + (watched.trust if named else ""))
    assert watched.server_door.handshakes > before
    with watched.server.client() as direct:
        assert direct.llen("gatehouse:celery:mail") == 1


@pytest.mark.parametrize("kind", ["sentinel", "server"])
@pytest.mark.parametrize("named", [True, False], ids=["named", "of the system"])
def test_tasks_are_not_given_to_a_server_that_proves_nothing(
    watched: Watched, certificates: Certificates, kind: str, named: bool
) -> None:
    if named:
        watched.server_door.present(certificates.strange)
    with pytest.raises(redis.ConnectionError):
        send(brokers(watched)[kind] + (watched.trust if named else ""))
    with watched.server.client() as direct:
        assert not direct.exists("gatehouse:celery:mail")


@dataclass
class Shards:
    """Two servers of a cluster behind doors, which are where they say that they are."""

    doors: list[TlsDoor]
    trust: str

    @property
    def url(self) -> str:
        """Names the first alone."""
        return f"rediss+cluster://{ports.LOOPBACK}:{self.doors[0].port}{self.trust}"


@pytest.fixture(scope="module")
def running_shards(
    tmp_path_factory: pytest.TempPathFactory, certificates: Certificates
) -> Iterator[Shards]:
    folder = tmp_path_factory.mktemp("shards")
    with ExitStack() as held:
        servers: list[Valkey] = []
        doors: list[TlsDoor] = []
        for number in range(2):
            port = ports.any_free()
            doors.append(held.enter_context(tls_door(port, certificates.ours)))
            options = {
                "cluster-enabled": "yes",
                "cluster-port": str(ports.any_free()),
                "cluster-announce-ip": ports.LOOPBACK,
                "cluster-announce-port": str(doors[-1].port),
            }
            servers.append(Valkey(folder / str(number), options, port=port))
            held.callback(servers[-1].stop)
            servers[-1].start()
        _join(servers, doors)
        yield Shards(doors, f"?ssl_ca_certs={certificates.authority}")


def _join(servers: list[Valkey], doors: list[TlsDoor]) -> None:
    for number, server in enumerate(servers):
        with server.client() as client:
            first, last = SLOTS * number // 2, SLOTS * (number + 1) // 2 - 1
            client.execute_command("CLUSTER", "ADDSLOTSRANGE", first, last)
            client.execute_command("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
    with servers[0].client() as client:
        bus = servers[1].options["cluster-port"]
        client.execute_command("CLUSTER", "MEET", ports.LOOPBACK, servers[1].port, bus)
    wait_for(
        lambda: all(_knows(server, doors) for server in servers), "servers that know the doors"
    )


def _knows(server: Valkey, doors: list[TlsDoor]) -> bool:
    with server.client() as client:
        state: Any = client.execute_command("CLUSTER INFO")
        slots: Any = client.execute_command("CLUSTER", "SLOTS")
    return state["cluster_state"] == "ok" and {home[1] for _, _, home, *_ in slots} == {
        door.port for door in doors
    }


def test_every_server_of_a_cluster_is_spoken_to_over_tls(
    running_shards: Shards, opened: Any
) -> None:
    before = [door.handshakes for door in running_shards.doors]
    client = opened(running_shards.url)
    names = [f"key {number}" for number in range(8)]  # at both
    assert exchange(client, [("INCR", name) for name in names]) == [1] * len(names)
    after = [door.handshakes for door in running_shards.doors]
    assert all(count > earlier for count, earlier in zip(after, before, strict=True))


@pytest.mark.parametrize("wrong", ["strange", "misnamed"])
@pytest.mark.parametrize("number", [0, 1], ids=["the one that is named", "one that is learnt of"])
def test_a_server_of_a_cluster_that_proves_nothing_is_refused(
    running_shards: Shards, certificates: Certificates, opened: Any, number: int, wrong: str
) -> None:
    door = running_shards.doors[number]
    door.present(getattr(certificates, wrong))
    try:
        with pytest.raises(redis.ConnectionError):
            client = opened(running_shards.url)
            exchange(client, [("GET", f"key {each}") for each in range(8)])
    finally:
        door.present(certificates.ours)
