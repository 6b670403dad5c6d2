"""The plugin that searches the log of a whole test run, tried on runs of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from config.settings.sections.section import PROJECT_ROOT

SUITE = """
import django
import structlog
from config.telemetry import planted_secrets
from config.telemetry.metrics import counter

planted_secrets.add("zebra crossing at dawn")

def test_that_says_nothing():
    structlog.get_logger("x").info("fine")

def test_that_talks():
    django.setup()  # as Celery does in every worker
    structlog.get_logger("x").debug("saw", animal={word!r})

def test_that_counts():
    counter("seen_total", "Seen", ["kind"]).labels({label!r}).inc()
"""


def run(folder: Path, *, word: str, label: str, workers: int) -> str:
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


def test_a_discreet_run_passes_and_leaves_its_log_in_place_of_older_ones(tmp_path: Path) -> None:
    folder = tmp_path / "logs" / "tests"
    folder.mkdir(parents=True)
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    kept = {f"main-{os.getpid()}.jsonl", "notes.jsonl"}
    for name in {*kept, f"gw0-{ended.pid}.jsonl"}:
        (folder / name).touch()

    output = run(tmp_path, word="nothing", label="cat", workers=0)

    assert output.endswith("exit 0")
    assert "3 passed" in output
    (log,) = (file for file in folder.iterdir() if file.name not in kept)
    assert log.name.startswith("main-")
    assert '"animal":"nothing"' in log.read_text()


@pytest.mark.parametrize("workers", [0, 2])
def test_an_indiscreet_run_fails_and_says_where(workers: int, tmp_path: Path) -> None:
    word, label = "at the zebra crossing at dawn", "asha@example.com"

    output = run(tmp_path, word=word, label=label, workers=workers)

    assert output.endswith("exit 1")
    assert "3 passed" in output
    (finding,) = (line for line in output.splitlines() if "a planted secret" in line)
    file, line, _ = finding.split(":", 2)
    assert word in Path(file).read_text().splitlines()[int(line) - 1]
    assert finding.endswith("logged during test_suite.py::test_that_talks")
    assert "zebra" not in output
    assert 'a label that names someone: gatehouse_seen_total{kind="asha@example.com"}' in output
