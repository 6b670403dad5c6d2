"""The line that tells how far a command is."""

import io

import pytest

from config import progress
from config.progress import ProgressLine


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Written:
    """A command's standard error: text and an ending."""

    def __init__(self, stream: io.StringIO) -> None:
        self.stream = stream
        self.isatty = stream.isatty

    def write(self, text: str, ending: str = "\n") -> None:
        self.stream.write(text + ending)


def shown(stream: io.StringIO) -> str:
    tell = ProgressLine(Written(stream), "rows")
    for done, total in ((0, 0), (1_000, 2_000), (2_500, 2_000)):
        tell(done, total)
    return stream.getvalue()


def test_each_line_stands_for_itself_in_a_log(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "EVERY", 0)
    assert shown(io.StringIO()) == "1,000 of 2,000 rows\n2,500 of 2,500 rows\n"


def test_a_terminal_keeps_the_last_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "EVERY", 0)
    assert shown(Terminal()) == "1,000 of 2,000 rows\r2,500 of 2,500 rows\n"


def test_between_two_seconds_only_the_end_is_told() -> None:
    assert shown(io.StringIO()) == "2,500 of 2,500 rows\n"
