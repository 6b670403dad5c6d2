"""Makes the whole test run a test of our own discretion.

Every log line of the run, down to DEBUG, goes to `logs/tests/<worker>-<process>.jsonl` as it would go to standard
output. The files stay until the next run.
At the end each file is searched for the secrets that tests planted (`config.telemetry.planted_secrets`), and our
metrics for labels that name someone. A hit fails the run and names the file, the line and the test.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

# Our own modules are imported where they are used: what loads before pytest-cov starts is not measured.

FOLDER = Path("logs/tests")

_watch = pytest.StashKey[Any]()  # a config.telemetry.log_watch.LogWatch
_findings = pytest.StashKey[list[str]]()


@pytest.hookimpl(trylast=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    from config.telemetry.log_watch import LogWatch  # noqa: PLC0415 - see above

    config = session.config
    worker: dict[str, Any] | None = getattr(config, "workerinput", None)
    name = worker["workerid"] if worker else "main"
    folder = config.rootpath / FOLDER
    _forget_ended_runs(folder)
    config.stash[_watch] = LogWatch(folder / f"{name}-{os.getpid()}.jsonl")
    config.stash[_findings] = []


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    item.config.stash[_watch].begin(item.nodeid)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    config = session.config
    findings = config.stash.get(_findings, [])
    findings.extend(_indiscretions(config))
    if hasattr(config, "workeroutput"):
        config.workeroutput["indiscretions"] = findings
    elif findings:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """xdist: a worker has ended, and says what it found."""
    output = getattr(node, "workeroutput", {})
    node.config.stash[_findings].extend(output.get("indiscretions", []))


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    findings = config.stash.get(_findings, [])
    if findings:
        terminalreporter.section("indiscretions", red=True, bold=True)
        for finding in findings:
            terminalreporter.write_line(finding, red=True)


def _forget_ended_runs(folder: Path) -> None:
    """Delete the files of processes that are gone; another run may be under way beside this one."""
    from config.telemetry.metrics_directory import is_alive  # noqa: PLC0415 - see above

    for file in folder.glob("*-*.jsonl"):
        pid = file.stem.rpartition("-")[2]
        if pid.isdecimal() and not is_alive(int(pid)):
            file.unlink(missing_ok=True)


def _indiscretions(config: pytest.Config) -> Iterator[str]:
    from config.telemetry import planted_secrets  # noqa: PLC0415 - see above
    from config.telemetry.label_values import unbounded_labels  # noqa: PLC0415
    from config.telemetry.log_watch import search  # noqa: PLC0415

    watch = config.stash.get(_watch, None)
    if watch is None:
        return
    watch.stop()
    planted_secrets.add(*_secrets_of_the_settings())
    yield from search(watch.path, planted_secrets.spellings())
    yield from (f"a label that names someone: {label}" for label in unbounded_labels())


def _secrets_of_the_settings() -> Iterator[str]:
    from django.conf import settings  # noqa: PLC0415 - see above
    from pydantic import SecretStr  # noqa: PLC0415

    yield settings.SECRET_KEY
    for _name, value in settings.ENVIRONMENT:
        if isinstance(value, SecretStr) and "://" not in value.get_secret_value():
            yield value.get_secret_value()
