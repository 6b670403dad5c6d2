"""Metrics that several processes write and one scrape reads."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from config.telemetry.exposition import exposition
from config.telemetry.metrics_directory import VARIABLE, forget_dead_gauges
from config.telemetry.metrics_directory import prepare_multiprocess_directory as prepare

# A worker: answers one request of a stranger, and says so in metrics of ours and of django-prometheus.
WORKER = """
import django
django.setup()
from django.test import Client
from config.telemetry.metrics import counter, gauge, histogram
counter("worked_total", "Worked", ["outcome"]).labels("good").inc(2)
gauge("busy", "Busy").set(5)
histogram("work_seconds", "Work", buckets=(1, 2)).observe(1.5)
assert Client(SERVER_NAME="localhost").get("/livez").status_code == 200
{ending}
"""


def start_worker(directory: Path, ending: str = "") -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", WORKER.format(ending=ending)],
        env={**os.environ, VARIABLE: str(directory)},
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )


def scrape() -> dict[str, float]:
    text = exposition().decode()
    return {
        f"{sample.name}{sample.labels or ''}": sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@pytest.fixture
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "metrics"
    prepare(path)
    monkeypatch.setenv(VARIABLE, str(path))
    return path


@pytest.mark.django_db
def test_a_scrape_adds_up_what_all_processes_counted(directory: Path) -> None:
    ending = "print('counted', flush=True); input()"
    workers = [start_worker(directory, ending) for _ in range(2)]
    for worker in workers:
        assert worker.stdout is not None
        assert any("counted" in line for line in worker.stdout)

    told = scrape()

    for worker in workers:
        worker.communicate("\n")
    assert told["gatehouse_worked_total{'outcome': 'good'}"] == 4
    assert told["gatehouse_busy"] == 10
    assert told["gatehouse_work_seconds_bucket{'le': '2.0'}"] == 2
    assert told["django_http_responses_total_by_status_total{'status': '200'}"] == 2


@pytest.mark.django_db
def test_what_ended_processes_counted_stays_and_what_they_were_doing_does_not(
    directory: Path,
) -> None:
    start_worker(directory).communicate()

    told = scrape()

    assert told["gatehouse_worked_total{'outcome': 'good'}"] == 2
    assert "gatehouse_busy" not in told


@pytest.mark.django_db
def test_facts_are_told_once_however_many_processes_there_are(directory: Path) -> None:
    start_worker(directory).communicate()

    families = [f.name for f in text_string_to_metric_families(exposition().decode())]

    assert families.count("gatehouse_jobs") == 1


def test_a_new_start_forgets_the_numbers_of_the_last_one(directory: Path) -> None:
    (directory / "counter_1.db").write_bytes(b"old")
    (directory / "notes.txt").write_text("not ours to delete")

    prepare(directory)

    assert [file.name for file in directory.iterdir()] == ["notes.txt"]
    assert directory.stat().st_mode & 0o777 == 0o700


def test_only_live_gauges_of_dead_processes_are_forgotten(directory: Path) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    kept = {f"gauge_livesum_{os.getpid()}.db", "gauge_livesum_1.db", f"counter_{dead.pid}.db"}
    for name in {*kept, f"gauge_livesum_{dead.pid}.db", f"gauge_livemax_{dead.pid}.db"}:
        (directory / name).touch()

    forget_dead_gauges(directory)

    assert {file.name for file in directory.iterdir()} == kept


@pytest.mark.django_db
def test_one_process_alone_tells_its_own_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)

    families = [f.name for f in text_string_to_metric_families(exposition().decode())]

    assert "process_cpu_seconds" in families
    assert families.count("gatehouse_jobs") == 1
    assert len(families) == len(set(families))
