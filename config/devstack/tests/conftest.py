"""State folders of their own for the tests of the stack, and what runs in them."""

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest

from config.devstack.layout import Layout

PATIENCE = 60  # seconds


def eventually(is_so: Callable[[], bool]) -> bool:
    """Whether it becomes so while we are patient."""
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def gone(processes: Iterable[psutil.Process]) -> bool:
    """Whether none of them runs; one that nobody has buried yet counts as gone."""
    return not any(_runs(process) for process in processes)


def _runs(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def kill(processes: Iterable[psutil.Process]) -> None:
    """SIGKILL to all of them, and wait until they are gone."""
    victims = list(processes)
    for process in victims:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    assert eventually(lambda: gone(victims))


def processes_of(layout: Layout) -> list[psutil.Process]:
    """Every process that names the state folder in its arguments or environment, or works in it."""
    return [
        process for process in psutil.process_iter() if _belongs(process, str(layout.state_dir))
    ]


def _belongs(process: psutil.Process, folder: str) -> bool:
    try:
        if process.pid == os.getpid() or not _runs(process):
            return False
        return (
            process.environ().get("STATE_DIR") == folder
            or process.cwd().startswith(folder)
            or any(folder in argument for argument in process.cmdline())
        )
    except psutil.Error:
        return False


@contextmanager
def layouts() -> Iterator[Callable[..., Layout]]:
    """`make()` is a fresh state folder with a short path, `make("below")` one further down; all are gone at the end."""
    made: dict[Path, Layout] = {}

    def make(below: str = "") -> Layout:
        base = Path(tempfile.mkdtemp(prefix="gh-"))
        base.chmod(0o711)
        made[base] = Layout(base / below)
        return made[base]

    yield make
    for base, layout in made.items():
        kill(processes_of(layout))
        shutil.rmtree(base, ignore_errors=True)
        shutil.rmtree(layout.sockets, ignore_errors=True)


@pytest.fixture
def make_layout() -> Iterator[Callable[..., Layout]]:
    with layouts() as make:
        yield make


@pytest.fixture
def layout(make_layout: Callable[..., Layout]) -> Layout:
    return make_layout()


@pytest.fixture(scope="module")
def used_layout() -> Iterator[Layout]:
    """One that the tests of a module share: it has its data already, so a server on it starts at once."""
    with layouts() as make:
        yield make()
