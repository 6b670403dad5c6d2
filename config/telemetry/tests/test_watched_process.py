"""Processes without a web door: their numbers at a port, their life in a file."""

from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from config.telemetry import planted_secrets, watched_process

TOKEN = "a-scrape-token-of-a-worker-for-tests"
BEARER = {"Authorization": f"Bearer {TOKEN}"}

Environment = Callable[..., None]


@pytest.fixture
def port(environment: Environment) -> Iterator[str]:
    """The address of a process's numbers."""
    planted_secrets.add(TOKEN)
    environment(metrics_token=SecretStr(TOKEN))
    server = watched_process.serve(0)
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def test_the_numbers_of_the_process_are_told_and_not_the_facts_of_the_database(port: str) -> None:
    answer = httpx.get(f"{port}/metrics", headers=BEARER)
    assert answer.status_code == 200
    assert "gatehouse_events_relayed_total" in answer.text
    assert "gatehouse_outbox_pending" not in answer.text


def test_nobody_reads_them_without_the_token(port: str) -> None:
    answer = httpx.get(f"{port}/metrics")
    assert (answer.status_code, answer.text) == (401, "")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("path", ["/", "/v1/docs", "/metrics/", "/readyz"])
def test_there_is_nothing_else(port: str, path: str) -> None:
    assert httpx.get(port + path, headers=BEARER).status_code == 404


def test_they_cannot_be_written_to(port: str) -> None:
    assert httpx.post(f"{port}/metrics", headers=BEARER).status_code == 405


def test_without_a_port_nothing_is_served(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    served: list[int] = []
    monkeypatch.setattr(watched_process, "serve", served.append)
    environment(metrics_port=None)
    watched_process.begin()
    environment(metrics_port=9100)
    watched_process.begin()
    assert served == [9100]


def test_a_beat_touches_the_file_and_without_one_does_nothing(
    environment: Environment, tmp_path: Path
) -> None:
    watched_process.beat()
    environment(heartbeat_file=tmp_path / "heartbeat")
    watched_process.beat()
    assert [path.name for path in tmp_path.iterdir()] == ["heartbeat"]
