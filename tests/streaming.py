"""Embedded PostgreSQL servers beside those of a run, and streaming replicas of them, made as an operator makes them."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import psycopg

from config.devstack.account import database_account
from config.devstack.files import private_folder
from config.devstack.layout import DATABASE_USER, Layout
from config.devstack.postgres import PostgresServer, programs
from config.devstack.process import Process

PATIENCE = 180.0  # seconds


class Server:
    """A PostgreSQL of its own in `folder`; `url` leads to its database by its Unix socket."""

    def __init__(self, folder: Path) -> None:
        self.layout = Layout(folder)
        self.url = self.layout.database_url
        self._server = PostgresServer(self.layout)
        self._process: Process | None = None

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.running

    def start(self) -> None:
        self._process = self._server.start()

    def stop(self) -> None:
        if self._process is not None:
            self._process.stop()
            self._process = None

    def kill(self) -> None:
        """With -9, all of it: nothing in it can notice."""
        if self._process is None:
            return
        main = psutil.Process(self._process.launcher.pid).children()[0]
        for process in (main, *main.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):  # it followed the one before it
                process.kill()
        self.stop()

    def revive(self) -> None:
        """Start it if it was killed, or ended itself."""
        if not self.running:
            self.stop()
            self.start()


class Standby(Server):
    """A replica of `primary`, which knows it by `name`."""

    def __init__(self, primary: Layout, folder: Path, *, name: str = "standby") -> None:
        super().__init__(folder)
        self._primary, self._name = primary, name

    def make(self) -> None:
        """Copy the primary's data, and leave word where to follow it. Raises CalledProcessError."""
        data = self.layout.postgres_data
        account = database_account()
        private_folder(data, owner=account.uid if account else None)
        sockets = self._primary.postgres_sockets
        way = f"host={sockets} user={DATABASE_USER} application_name={self._name}"
        subprocess.run(
            [
                programs() / "pg_basebackup",
                f"--pgdata={data}",
                f"--dbname={way}",
                "--write-recovery-conf",
                "--wal-method=stream",
                "--checkpoint=fast",
                "--no-sync",
            ],
            check=True,
            capture_output=True,
        )
        if account:
            for path in (data, *data.rglob("*")):
                os.chown(path, account.uid, account.gid, follow_symlinks=False)

    def pause(self) -> None:
        """It receives what the primary writes, and shows nothing of it."""
        self.ask("SELECT pg_wal_replay_pause()")
        self._wait_until("SELECT pg_get_wal_replay_pause_state() = 'paused'")

    def resume(self) -> None:
        self.ask("SELECT pg_wal_replay_resume()")

    def catch_up(self) -> None:
        """Wait until it has everything that is committed now."""
        self._wait_until(f"SELECT pg_last_wal_replay_lsn() >= '{self.write_down()}'")

    def write_down(self) -> str:
        """Have the primary write to its disk what was committed without waiting for it; up to where."""
        with psycopg.connect(self._primary.database_url_of("postgres")) as primary:
            primary.execute("SET synchronous_commit = on")
            primary.execute("SELECT pg_logical_emit_message(true, 'write', 'down')")
            primary.commit()
            (position,) = primary.execute("SELECT pg_current_wal_insert_lsn()").fetchone() or ("",)
        return str(position)

    def promote(self) -> None:
        """Make it the primary, and wait until it takes writes."""
        self.ask("SELECT pg_promote()")
        self._wait_until("SELECT NOT pg_is_in_recovery()")

    def ask(self, question: str) -> object:
        with psycopg.connect(
            self.layout.database_url_of("postgres"), autocommit=True
        ) as connection:
            row = connection.execute(question).fetchone()
        return row and row[0]

    def _wait_until(self, question: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not self.ask(question):
            if time.monotonic() > deadline:
                raise RuntimeError(f"waited in vain: {question}")
            time.sleep(0.01)


@contextmanager
def server(folder: Path) -> Iterator[Server]:
    """It runs for the length of the block, unless it is ended in it."""
    folder.mkdir(exist_ok=True)
    folder.chmod(0o711)
    made = Server(folder)
    try:
        made.start()
        yield made
    finally:
        made.stop()


@contextmanager
def standby_of(primary: Layout, folder: Path, *, name: str = "standby") -> Iterator[Standby]:
    """It runs for the length of the block, and its folder goes."""
    folder.mkdir(exist_ok=True)
    folder.chmod(0o711)
    standby = Standby(primary, folder, name=name)
    try:
        standby.make()
        standby.start()
        yield standby
    finally:
        standby.stop()
        shutil.rmtree(folder, ignore_errors=True)
        shutil.rmtree(standby.layout.sockets, ignore_errors=True)
