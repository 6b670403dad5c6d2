"""One process of a test run writes all its log lines to a file, to be searched at the end."""

import json
import logging
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from pathlib import Path

import django
import re2

from config.telemetry.logging import DiscreetFile, formatter

CHATTY = ("faker", "factory")  # they log the arguments of every object that a test makes
BEGINS = "test_begins"

logger = logging.getLogger(__name__)


class LogWatch:
    """Takes every line down to DEBUG, as it would go to standard output, from now until `stop`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self._handler = DiscreetFile(path, mode="w", encoding="utf-8")
        self._handler.setFormatter(formatter("json"))
        self._root = logging.getLogger()
        self._level_before = self._root.level
        self._root.setLevel(logging.DEBUG)
        self._root.addHandler(self._handler)
        for name in CHATTY:
            logging.getLogger(name).setLevel(logging.INFO)
        # Celery sets Django up anew in each worker, which would take our handler and level away.
        self._setup, django.setup = django.setup, lambda set_prefix=True: None

    def begin(self, test: str) -> None:
        """The lines that follow come from `test`."""
        logger.debug(BEGINS, extra={"test": test})

    def stop(self) -> None:
        django.setup = self._setup
        self._root.removeHandler(self._handler)
        self._root.setLevel(self._level_before)
        self._handler.close()


def search(path: Path, texts: Iterable[str]) -> Iterator[str]:
    """Each line of the log that holds one of `texts`, as `file:line` with the test that wrote it."""
    wanted = sorted(texts)
    if not wanted:
        return
    content = path.read_bytes()
    starts = [0, *(newline.end() for newline in re2.finditer(b"\n", content))]
    roomy = re2.Options()
    roomy.max_mem = 1 << 30  # thousands of secrets make a large automaton
    pattern = re2.compile(b"|".join(re2.escape(text.encode()) for text in wanted), roomy)
    lines = content.splitlines()
    for number in sorted({bisect_right(starts, hit.start()) for hit in pattern.finditer(content)}):
        yield f"{path}:{number}: a planted secret, logged during {_test_at(lines, number)}"


def _test_at(lines: list[bytes], number: int) -> str:
    for line in reversed(lines[:number]):
        if f'"event":"{BEGINS}"'.encode() in line:
            return str(json.loads(line)["test"])
    return "the start of the run"
