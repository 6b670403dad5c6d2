"""What development fills in."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from config.devstack.environment import complete
from config.devstack.layout import Layout
from config.devstack.lock import Holder, StackLock
from config.devstack.ports import simulator_port
from config.settings.environment import Environment


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(tmp_path)


@pytest.fixture(autouse=True)
def nothing_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Environment.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setitem(Environment.model_config, "env_file", None)


@contextmanager
def running(layout: Layout, port: int) -> Iterator[None]:
    lock = StackLock(layout)
    lock.take(Holder(pid=os.getpid(), port=port))
    try:
        yield
    finally:
        lock.release()


def test_addresses_follow_the_port(layout: Layout) -> None:
    assert complete(Environment(), layout).public_url == "http://localhost:8000"
    assert complete(Environment(port=9001), layout).public_url == "http://localhost:9001"


def test_a_command_beside_a_stack_speaks_of_its_address(layout: Layout) -> None:
    with running(layout, port=9002):
        assert complete(Environment(), layout).public_url == "http://localhost:9002"
        assert complete(Environment(port=9001), layout).public_url == "http://localhost:9001"
    assert complete(Environment(), layout).public_url == "http://localhost:8000"


def test_the_broker_is_the_simulator_once_there_is_one(layout: Layout) -> None:
    assert complete(Environment(), layout).kite_api_url is None
    port = simulator_port(layout)
    completed = complete(Environment(), layout)
    assert completed.kite_api_url == f"http://127.0.0.1:{port}"
    assert completed.kite_login_url == f"http://127.0.0.1:{port}/connect/login"


@pytest.mark.parametrize(
    "given",
    [
        {"public_url": "https://dev.example"},
        {"kite_api_url": "https://kite.example"},
        {"kite_login_url": "https://kite.example/login"},
        {"vault_local_key_file": Path("/srv/key")},
    ],
)
def test_what_is_set_is_kept(layout: Layout, given: dict[str, Any]) -> None:
    simulator_port(layout)
    (name, value), *_ = given.items()
    assert getattr(complete(Environment(**given), layout), name) == value


def test_the_vault_gets_a_key_file_unless_a_key_is_set(layout: Layout) -> None:
    assert complete(Environment(vault_local_key="x"), layout).vault_local_key_file is None
    assert complete(Environment(), layout).vault_local_key_file == layout.vault_key_file()
