"""A file that operators replace while we run: read once, and again when it has changed."""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

import structlog
from django.conf import settings

logger = structlog.get_logger(__name__)

Content = TypeVar("Content")
Version = tuple[int, int, int]


class WatchedFile(Generic[Content]):
    """What `load` makes of the file at `path()`, looked at again every `watched_file_interval` seconds.

    A new version that cannot be read is told in the log and by `error`, and the last good one stays in force.
    """

    def __init__(
        self, name: str, path: Callable[[], Path | None], load: Callable[[Path], Content]
    ) -> None:
        self.name = name
        self.error = ""  # why the newest version is not in force; for staff
        self._path_now, self._load = path, load
        self._lock = threading.Lock()
        self._path: Path | None = None
        self._version: Version | None = None
        self._content: Content | None = None
        self._look_at = 0.0

    @property
    def is_set(self) -> bool:
        return self._path_now() is not None

    def content(self) -> Content | None:
        """None when no path is set, or nothing could be read from it yet."""
        path = self._path_now()
        if path != self._path or time.monotonic() >= self._look_at:
            with self._lock:
                self._look(path)
        return self._content

    def _look(self, path: Path | None) -> None:
        if path != self._path:
            self._path, self._version, self._content, self.error = path, None, None, ""
        elif time.monotonic() < self._look_at:
            return  # another thread has just looked
        self._look_at = time.monotonic() + settings.ENVIRONMENT.watched_file_interval
        if path is None:
            return
        try:
            self._read(path)
        except Exception as error:  # whatever a file may hold, a request never fails of it
            self.error = f"{type(error).__name__}: {error}"
            logger.warning("watched_file_not_read", file=self.name, exc_info=True)

    def _read(self, path: Path) -> None:
        version, self._version = self._version, None  # until it is found, there is none
        found = path.stat()
        self._version = (found.st_mtime_ns, found.st_size, found.st_ino)
        if self._version == version:
            return  # good or not, it is not read again
        self._content = self._load(path)
        self.error = ""
