"""PgBouncer as `deploy/pgbouncer` sets it up, in front of a database of the tests'."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from config.devstack import ports
from config.settings.sections.section import PROJECT_ROOT
from tests.waiting import wait_until

SHIPPED = PROJECT_ROOT / "deploy" / "pgbouncer" / "pgbouncer.ini"


class Pooler:
    """For the database `name`, which is at `port` and takes `user` without a password. `url` leads through it."""

    def __init__(self, folder: Path, *, port: int, name: str, user: str) -> None:
        own = ports.any_free()
        self.url = f"postgresql://anybody@{ports.LOOPBACK}:{own}/pooled"
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        way = (
            f"host={ports.LOOPBACK} port={port} dbname={name} user={user} "
            "connect_query='SET jit = off'"
        )
        (folder / "databases.ini").write_text(f"[databases]\npooled = {way}\n")
        (folder / "userlist.txt").write_text("")
        # The last values win. Any user may come: the entry of the database says who goes on.
        ours = f"auth_type = any\nlisten_addr = {ports.LOOPBACK}\nlisten_port = {own}\n"
        (folder / "pgbouncer.ini").write_text(f"{SHIPPED.read_text()}\n{ours}")
        for path in (folder, *folder.glob("*.ini"), folder / "userlist.txt"):
            path.chmod(0o755 if path.is_dir() else 0o644)

    def start(self) -> None:
        """Returns when it answers."""
        as_whom = ["-u", "nobody"] if os.geteuid() == 0 else []  # it does not run as root
        self._process = subprocess.Popen(
            ["pgbouncer", "--quiet", *as_whom, str(self._folder / "pgbouncer.ini")],  # noqa: S607
            cwd=self._folder,
        )
        wait_until(lambda: _answers(self.url), "PgBouncer answers")

    def end(self, how: signal.Signals = signal.SIGKILL) -> None:
        """SIGINT lets transactions end, SIGTERM and SIGKILL do not."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait()
            self._process = None


@contextmanager
def pooled(folder: Path, *, port: int, name: str, user: str) -> Iterator[str]:
    """The URL of a `Pooler`, which runs for the length of the block, from files in `folder`."""
    pooler = Pooler(folder, port=port, name=name, user=user)
    try:
        pooler.start()
        yield pooler.url
    finally:
        pooler.end()


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError:
        return False
    return True
