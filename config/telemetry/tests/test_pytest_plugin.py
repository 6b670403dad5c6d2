"""The plugin that searches the log of a whole test run, tried on runs of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from config.settings.environment import PROJECT_ROOT
from config.telemetry import planted_secrets

SUITE = """
import structlog
from config.telemetry import planted_secrets
from config.telemetry.metrics import counter

planted_secrets.add("zebra crossing at dawn", "quiet-quokka")

def test_that_says_nothing():
    structlog.get_logger("x").info("fine")

def test_that_talks():
    structlog.get_logger("x").debug("saw", animal={word!r})

def test_that_counts():
    counter("seen_total", "Seen", ["kind"]).labels({label!r}).inc()
"""


def run(folder: Path, *, word: str = "nothing", label: str = "cat", workers: int = 0) -> str:
    """The output of a run over the suite; its exit code is its last word."""
    (folder / "pytest.ini").touch()
    (folder / "test_suite.py").write_text(SUITE.format(word=word, label=label))
    plugins = ("-p", "config.telemetry.pytest_plugin", "-p", "no:cacheprovider")
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", *plugins, f"-n{workers}", f"--rootdir={folder}", folder],
        cwd=PROJECT_ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings.test", "PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    return f"{ended.stdout}\nexit {ended.returncode}"


@pytest.mark.parametrize("workers", [0, 2])
def test_a_discreet_run_passes_and_leaves_its_log(workers: int, tmp_path: Path) -> None:
    output = run(tmp_path, workers=workers)

    assert output.endswith("exit 0")
    assert "3 passed" in output
    logs = list((tmp_path / "logs" / "tests").glob("*.jsonl"))
    assert len(logs) == workers + 1
    assert any('"animal":"nothing"' in log.read_text() for log in logs)


@pytest.mark.parametrize("workers", [0, 2])
def test_a_planted_secret_in_the_log_fails_the_run_and_is_located(
    workers: int, tmp_path: Path
) -> None:
    output = run(tmp_path, word="at the zebra crossing at dawn", workers=workers)

    assert output.endswith("exit 1")
    assert "3 passed" in output
    (finding,) = (line for line in output.splitlines() if "a planted secret" in line)
    file, line, _ = finding.split(":", 2)
    assert "zebra crossing" in Path(file).read_text().splitlines()[int(line) - 1]
    assert finding.endswith("logged during test_suite.py::test_that_talks")
    assert "zebra" not in output


def test_its_other_spellings_are_found(tmp_path: Path) -> None:
    assert run(tmp_path, word="at=zebra%20crossing%20at%20dawn").endswith("exit 1")


def test_a_secret_of_the_settings_is_planted_too(tmp_path: Path) -> None:
    assert run(
        tmp_path, word="a key for the tests alone, long enough for every check there is"
    ).endswith("exit 1")


@pytest.mark.parametrize("workers", [0, 2])
def test_a_label_that_names_someone_fails_the_run(workers: int, tmp_path: Path) -> None:
    output = run(tmp_path, label="asha@example.com", workers=workers)

    assert output.endswith("exit 1")
    assert 'gatehouse_seen_total{kind="asha@example.com"}' in output


def test_the_logs_of_ended_runs_are_forgotten_and_of_others_kept(tmp_path: Path) -> None:
    folder = tmp_path / "logs" / "tests"
    folder.mkdir(parents=True)
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    kept = {f"main-{os.getpid()}.jsonl", "notes.jsonl"}
    for name in {*kept, f"gw0-{ended.pid}.jsonl"}:
        (folder / name).touch()

    run(tmp_path)

    left = {file.name for file in folder.iterdir()}
    assert kept < left
    assert f"gw0-{ended.pid}.jsonl" not in left


def test_a_secret_too_short_to_be_found_for_sure_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 8"):
        planted_secrets.add("short")


def test_a_secret_can_be_taken_back() -> None:
    planted_secrets.add("a-passing-secret")
    assert "a-passing-secret" in planted_secrets.spellings()

    planted_secrets.forget("a-passing-secret")

    assert "a-passing-secret" not in planted_secrets.spellings()
