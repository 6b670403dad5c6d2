"""What happens to a process that dies."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from threading import Thread

import pytest

from config.devstack.console import Console
from config.devstack.errors import DevstackError
from config.devstack.process import Command, Program
from config.devstack.supervisor import Say, Stop, Supervisor
from config.devstack.tests.conftest import eventually


@contextmanager
def supervising(tmp_path: Path) -> Iterator[tuple[Supervisor, StringIO]]:
    screen, descriptor = StringIO(), os.open(tmp_path / "lock", os.O_RDWR | os.O_CREAT)
    supervisor = Supervisor(Console(screen), tmp_path / "logs", descriptor, first_delay=0.01)
    try:
        yield supervisor, screen
    finally:
        supervisor.stop()
        os.close(descriptor)


def program(code: str) -> Program:
    return Program(Command(name="demo", argv=[sys.executable, "-c", code]))


def test_a_process_that_dies_starts_again(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    dies_once = (
        f"import pathlib, time; mark = pathlib.Path({str(mark)!r}); again = mark.exists(); mark.touch();"
        "again or exit(3); print('second life', flush=True); time.sleep(600)"
    )
    with supervising(tmp_path) as (supervisor, screen):
        supervisor.start(program(dies_once))
        runner = Thread(target=supervisor.run)
        runner.start()
        assert eventually(lambda: "second life" in screen.getvalue())
        supervisor.events.put(Stop("enough"))
        runner.join()
    assert "demo died (exit code 3); it starts again" in screen.getvalue()


def test_a_process_that_keeps_dying_ends_the_stack_and_is_named(tmp_path: Path) -> None:
    with supervising(tmp_path) as (supervisor, _):
        supervisor.start(program("print('no use'); exit(9)"))
        with pytest.raises(DevstackError, match=r"demo keeps dying \(exit code 9\).*demo\.log"):
            supervisor.run()
    assert (tmp_path / "logs" / "demo.log").read_text() == "no use\n" * 5


def test_what_lived_long_enough_starts_again_however_often(tmp_path: Path) -> None:
    with supervising(tmp_path) as (supervisor, screen):
        supervisor.steady = 0
        supervisor.start(program("pass"))
        runner = Thread(target=supervisor.run, daemon=True)
        runner.start()
        assert eventually(lambda: screen.getvalue().count("it starts again") > 5)
        supervisor.events.put(Stop("enough"))
        runner.join()


def test_a_stop_gives_its_reason_and_what_was_to_be_said_is_said(tmp_path: Path) -> None:
    with supervising(tmp_path) as (supervisor, screen):
        supervisor.events.put(Say("one\ntwo"))
        supervisor.events.put(Stop("enough"))
        assert supervisor.run() == "enough"
    assert screen.getvalue() == "gatehouse | one\ngatehouse | two\n"


def test_a_terminal_that_went_away_does_not_stop_the_log(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as closed:
        console = Console(closed)
        source = tmp_path / "source"
        source.write_bytes(b"one\ntwo\n")
        with source.open("rb") as lines:
            console.copy("demo", lines, tmp_path / "log")
        assert (tmp_path / "log").read_bytes() == b"one\ntwo\n"
        os.dup2(os.open(os.devnull, os.O_WRONLY), writer)  # for the flush at its end
