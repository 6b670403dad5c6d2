"""What the interpreter itself has to say is no way around the filter."""

import json
import os
import pty
import subprocess
import sys

import pytest

PROGRAM = """
import threading
from config.telemetry.logging import configure
configure({"level": "INFO", "format": "json"})
def fail():
    raise RuntimeError("token: " + "hunt" + "er2")
"""


def run(ending: str, *, stderr: int = subprocess.PIPE) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", PROGRAM + ending],
        text=True,
        check=False,
        stdout=subprocess.PIPE,
        stderr=stderr,
    )


@pytest.mark.parametrize(
    "ending", ["fail()", "t = threading.Thread(target=fail); t.start(); t.join()"]
)
def test_an_exception_that_nobody_catches_becomes_a_log_line(ending: str) -> None:
    ended = run(ending)

    line = json.loads(ended.stdout)
    assert line["level"] == "critical"
    assert line["event"] == "uncaught_exception"
    assert line["exception"].endswith("RuntimeError: token: [redacted]")
    assert ended.stderr == ""


def test_at_a_terminal_it_is_a_traceback_to_read() -> None:
    ours, theirs = pty.openpty()
    try:
        ended = run("fail()", stderr=theirs)
        shown = os.read(ours, 65_536).decode()
    finally:
        os.close(ours)
        os.close(theirs)

    assert ended.stdout == ""
    assert shown.startswith("Traceback")
    assert "RuntimeError: token: [redacted]" in shown


def test_ctrl_c_is_no_exception_to_log() -> None:
    ended = run("raise KeyboardInterrupt")

    assert ended.stdout == ""
    assert ended.stderr.strip().endswith("KeyboardInterrupt")


def test_a_thread_that_exits_on_purpose_is_silent() -> None:
    ended = run("import sys; t = threading.Thread(target=sys.exit); t.start(); t.join()")

    assert ended.stdout == ended.stderr == ""


def test_warnings_are_log_lines() -> None:
    ended = run("import warnings; warnings.warn('careful with token=' + 'hunt' + 'er2')")

    line = json.loads(ended.stdout)
    assert line["logger"] == "py.warnings"
    assert "careful with token=[redacted]" in line["event"]
    assert ended.stderr == ""
