"""What the stack says: to the terminal with the speaker's name in front, and to the log files."""

import sys
from pathlib import Path
from threading import Lock
from typing import IO

from config.devstack.files import private_folder

NAME_WIDTH = 9
ROTATE_AT = 10 * 1024 * 1024  # bytes; a log is then kept once as `.1`


class Console:
    """One terminal shared by many threads, a line at a time."""

    def __init__(self, stream: IO[str] | None = None) -> None:
        self._stream: IO[str] | None = stream or sys.stdout
        self._lock = Lock()

    def say(self, speaker: str, text: str) -> None:
        """Write `text` with the speaker in front of each line."""
        lines = "".join(f"{speaker:<{NAME_WIDTH}} | {line}\n" for line in text.splitlines() or [""])
        with self._lock:
            if self._stream is None:
                return
            try:
                self._stream.write(lines)
                self._stream.flush()
            except OSError:
                self._stream = None  # the terminal is gone; the log files go on

    def copy(self, speaker: str, source: IO[bytes], log: Path) -> None:
        """Read `source` to its end, a line at a time, to the terminal and to the end of `log`."""
        with log.open("ab") as file:
            for line in source:
                file.write(line)
                file.flush()
                self.say(speaker, line.decode(errors="replace").rstrip("\n"))


def open_log(folder: Path, name: str) -> Path:
    """The path of a log to append to; one that has grown too long is put aside first."""
    log = private_folder(folder) / f"{name}.log"
    if log.exists() and log.stat().st_size > ROTATE_AT:
        log.replace(log.with_suffix(".log.1"))
    return log
