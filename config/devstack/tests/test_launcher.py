"""No process outlives the one that started it, however that one ends."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from config.devstack.process import Command, Process
from config.devstack.tests.conftest import eventually, gone
from config.settings.sections.section import PROJECT_ROOT

SLEEP = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(600)"]
STUBBORN = [
    sys.executable,
    "-c",
    "import os, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); os.fork();"
    "print('up', flush=True); time.sleep(600)",
]


def start(argv: list[str], **options: object) -> tuple[Process, psutil.Process]:
    """The process and its command, once that has said something."""
    process = Process.start(Command(name="test", argv=argv, **options), output=subprocess.PIPE)  # type: ignore[arg-type]
    assert process.launcher.stdout
    process.launcher.stdout.readline()
    (command,) = psutil.Process(process.launcher.pid).children()
    return process, command


def finish(process: Process) -> int:
    try:
        return process.stop()
    finally:
        assert process.launcher.stdout
        process.launcher.stdout.close()


def test_stopping_ends_the_command() -> None:
    process, command = start(SLEEP)
    assert finish(process) == 128 + signal.SIGTERM
    assert gone([command])


def test_the_exit_code_comes_through() -> None:
    process = Process.start(
        Command(name="test", argv=[sys.executable, "-c", "raise SystemExit(7)"])
    )
    assert process.wait() == 7
    process.ask_to_stop()


def test_a_program_that_is_not_there_is_said_to_be_missing() -> None:
    process = Process.start(Command(name="test", argv=["/no/such/program"]), output=subprocess.PIPE)
    output, _ = process.launcher.communicate()
    process.ask_to_stop()
    assert (process.wait(), b"/no/such/program" in output) == (127, True)


def test_what_ignores_the_signal_is_killed_with_all_that_it_forked() -> None:
    process, command = start(STUBBORN, grace=0.1)
    family = [command, *command.children()]
    assert len(family) == 2
    assert finish(process) == 128 + signal.SIGKILL
    assert gone(family)


def test_what_a_command_leaves_behind_at_its_own_end_goes_too() -> None:
    process, command = start(
        [
            sys.executable,
            "-c",
            "import os, time; os.fork() or time.sleep(600); print('up', flush=True); time.sleep(0.2)",
        ]
    )
    family = command.children()
    assert process.wait() == 0
    assert eventually(lambda: gone(family))
    finish(process)


@pytest.mark.skipif(sys.platform != "linux", reason="the signal at a parent's death is Linux's")
def test_a_command_is_told_when_its_launcher_is_killed() -> None:
    process, command = start(SLEEP)
    process.launcher.kill()
    assert eventually(lambda: gone([command]))
    finish(process)


def test_a_command_ends_when_the_starter_is_killed() -> None:
    script = (
        "import sys, time; from config.devstack.process import Command, Process;"
        "first = Process.start(Command(name='first', argv=sys.argv[1:]));"
        "second = Process.start(Command(name='second', argv=sys.argv[1:]), holds=[first.handle]);"
        "time.sleep(600)"
    )
    starter = subprocess.Popen(
        [sys.executable, "-c", script, *SLEEP], cwd=PROJECT_ROOT, stdout=subprocess.PIPE
    )
    with starter:
        assert starter.stdout
        starter.stdout.readline()
        starter.stdout.readline()
        started = psutil.Process(starter.pid).children(recursive=True)
        assert len(started) == 4
        starter.kill()
    assert eventually(lambda: gone(started))


def test_what_is_held_ends_after_its_holder(tmp_path: Path) -> None:
    """The order of the end, when nobody is left to keep order."""
    note = tmp_path / "note"
    script = (
        "import pathlib, signal, sys, time;"
        "signal.signal(signal.SIGTERM, lambda *_: sys.exit(time.sleep(float(sys.argv[2])) or"
        " pathlib.Path(sys.argv[3]).open('a').write(sys.argv[1])));"
        "print('up', flush=True); time.sleep(600)"
    )
    starter = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys, time; from config.devstack.process import Command, Process;"
            "run = lambda name, delay, holds: Process.start(Command(name=name,"
            " argv=[sys.executable, '-c', sys.argv[1], name, delay, sys.argv[2]]), holds=holds);"
            "server = run('server', '0', []); run('client', '0.3', [server.handle]); time.sleep(600)",
            script,
            str(note),
        ],
        cwd=PROJECT_ROOT,
        stdout=subprocess.PIPE,
    )
    with starter:
        assert starter.stdout
        starter.stdout.readline()
        starter.stdout.readline()
        os.kill(starter.pid, signal.SIGKILL)
    assert eventually(lambda: note.exists() and note.read_text() == "clientserver")


def test_a_folder_can_go_with_its_process(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    (folder / "below").mkdir(parents=True)
    process, _ = start(SLEEP, remove=[folder])
    finish(process)
    assert not folder.exists()
