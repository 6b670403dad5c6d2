import socket
from pathlib import Path

import pytest

from config.devstack.errors import DevstackError
from config.devstack.layout import Layout
from config.devstack.ports import demand_free, is_free, remembered_simulator_port, simulator_port


def test_the_simulator_keeps_its_port(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    assert remembered_simulator_port(layout) is None
    assert simulator_port(layout) == simulator_port(layout) == remembered_simulator_port(layout)


def test_the_simulator_moves_when_its_port_is_taken(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    port = simulator_port(layout)
    with socket.create_server(("127.0.0.1", port)):
        assert not is_free(port)
        assert simulator_port(layout) != port


def test_a_taken_port_is_an_error_and_a_free_one_is_not(tmp_path: Path) -> None:
    port = simulator_port(Layout(tmp_path))
    demand_free(port)
    with socket.create_server(("127.0.0.1", port)), pytest.raises(DevstackError, match=str(port)):
        demand_free(port)
