"""Planting secrets, and searching a log for them."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.telemetry import planted_secrets
from config.telemetry.log_watch import LogWatch, search

SECRET = "a quokka's smile/+é"


@pytest.fixture
def planted() -> Iterator[frozenset[str]]:
    before = planted_secrets.spellings()
    planted_secrets.add(SECRET)
    yield planted_secrets.spellings() - before
    planted_secrets.forget(SECRET)


@pytest.mark.parametrize(
    "written",
    [
        SECRET,
        '"a quokka\'s smile/+\\u00e9"',
        "x=a%20quokka%27s%20smile%2F%2B%C3%A9&y=1",
        "x=a+quokka%27s+smile%2F%2B%C3%A9",
        "YSBxdW9ra2EncyBzbWlsZS8rw6k=",
    ],
)
def test_it_is_found_however_it_is_written(
    written: str, planted: frozenset[str], tmp_path: Path
) -> None:
    log = tmp_path / "log"
    log.write_text(f'{{"event":"test_begins","test":"test_a"}}\nnothing\n{written}\nnothing\n')

    assert list(search(log, planted)) == [f"{log}:3: a planted secret, logged during test_a"]


def test_each_line_is_named_once(planted: frozenset[str], tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text(f"{SECRET} {SECRET}\nnothing\n{SECRET}")

    assert [finding.split(":")[1] for finding in search(log, planted)] == ["1", "3"]
    assert all(finding.endswith("the start of the run") for finding in search(log, planted))


def test_without_secrets_there_is_nothing_to_find(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("anything\n")

    assert list(search(log, [])) == []


def test_a_forgotten_one_is_not_looked_for(planted: frozenset[str]) -> None:
    planted_secrets.forget(SECRET)

    assert not planted & planted_secrets.spellings()


def test_one_too_short_to_be_found_for_sure_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 8"):
        planted_secrets.add("short")


def test_the_watch_takes_every_line_as_it_would_be_written(tmp_path: Path) -> None:
    watch = LogWatch(tmp_path / "folder" / "log.jsonl")
    try:
        watch.begin("test_a")
        logging.getLogger("some.module").debug("password=hunter2")
        logging.getLogger("faker").debug("too much")
    finally:
        watch.stop()
    logging.getLogger("some.module").debug("afterwards")

    text = watch.path.read_text()
    assert '"test":"test_a"' in text
    assert "password=[redacted]" in text
    assert "too much" not in text
    assert "afterwards" not in text
