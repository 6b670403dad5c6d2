"""Files that operators replace while we run."""

from collections.abc import Callable
from pathlib import Path

import pytest

from config.watched_file import WatchedFile


def lines_of(path: Path) -> list[str]:
    text = path.read_text()
    if "broken" in text:
        raise ValueError("line 1 is broken")
    return text.splitlines()


@pytest.fixture
def path(tmp_path: Path, environment: Callable[..., None]) -> Path:
    environment(watched_file_interval=0)
    return tmp_path / "list"


@pytest.fixture
def file(path: Path) -> WatchedFile[list[str]]:
    return WatchedFile("list", lambda: path, lines_of)


def test_without_a_path_there_is_nothing_and_nothing_is_wrong() -> None:
    file = WatchedFile("list", lambda: None, lines_of)
    assert (file.content(), file.error, file.is_set) == (None, "", False)


def test_a_new_version_is_in_force_without_a_restart(
    path: Path, file: WatchedFile[list[str]]
) -> None:
    path.write_text("one")
    assert file.content() == ["one"]
    path.write_text("one\ntwo")
    assert file.content() == ["one", "two"]


def test_it_is_read_once_for_each_version(path: Path) -> None:
    read: list[Path] = []
    file = WatchedFile("list", lambda: path, read.append)
    path.write_text("one")
    for _ in range(3):
        file.content()
    assert read == [path]


def test_a_version_that_is_broken_leaves_the_last_good_one_in_force(
    path: Path, file: WatchedFile[list[str]]
) -> None:
    path.write_text("one")
    file.content()
    path.write_text("broken")
    assert file.content() == ["one"]
    assert file.error == "ValueError: line 1 is broken"
    path.write_text("mended")
    assert (file.content(), file.error) == (["mended"], "")


def test_a_file_that_vanishes_and_returns_is_read_again(
    path: Path, file: WatchedFile[list[str]]
) -> None:
    path.write_text("one")
    file.content()
    aside = path.rename(path.with_suffix(".aside"))
    assert file.content() == ["one"]
    assert "FileNotFoundError" in file.error
    aside.rename(path)
    assert (file.content(), file.error) == (["one"], "")


def test_it_is_looked_at_no_more_often_than_set(
    path: Path, file: WatchedFile[list[str]], environment: Callable[..., None]
) -> None:
    environment(watched_file_interval=3600)
    path.write_text("one")
    file.content()
    path.write_text("another")
    assert file.content() == ["one"]


def test_another_path_is_read_at_once(tmp_path: Path, environment: Callable[..., None]) -> None:
    environment(watched_file_interval=3600)
    paths = {"path": tmp_path / "a"}
    (tmp_path / "a").write_text("a")
    (tmp_path / "b").write_text("b")
    file = WatchedFile("list", lambda: paths["path"], lines_of)
    assert file.content() == ["a"]
    paths["path"] = tmp_path / "b"
    assert file.content() == ["b"]
