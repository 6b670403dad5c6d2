"""What the simulator knows survives its end, in a file that is whole and private."""

import stat
from pathlib import Path

import pytest

from trading.simulator import demo
from trading.simulator.server import SimulatorServer
from trading.simulator.state import Book
from trading.simulator.statefile import StateFile, StateFileError
from trading.tests.simulator.api import KiteApi


def test_a_session_lives_on_after_a_restart_without_a_farewell(tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "kite.json"
    with SimulatorServer(state_path=path) as server:
        kite = KiteApi(server.control)
        access_token = kite.log_in()
        kept = path.read_bytes()
    with SimulatorServer(state_path=path) as server:
        kite.control = server.control
        assert kite.get("/user/profile", access_token).status_code == 200
    assert path.read_bytes() == kept
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_the_demo_is_put_back_at_each_start_with_the_redirect_url_of_today(tmp_path: Path) -> None:
    path = tmp_path / "kite.json"
    for url in ("http://first.test/", "http://second.test/"):
        with SimulatorServer(state_path=path, demo_redirect_url=url) as server:
            server.control.healthy()
    book = StateFile(path).load()
    assert book is not None
    assert book.apps[demo.API_KEY].redirect_url == "http://second.test/"


def test_a_file_with_something_else_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "kite.json"
    path.write_text("something else")
    with pytest.raises(StateFileError):
        SimulatorServer(state_path=path)
    assert path.read_text() == "something else"


def test_an_unchanged_book_is_not_written_again(tmp_path: Path) -> None:
    path = tmp_path / "kite.json"
    file = StateFile(path)
    file.save(Book())
    first = path.stat().st_ino
    file.save(Book())
    assert path.stat().st_ino == first
