"""Folders for what drills take away."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def folder_for_all() -> Iterator[Path]:
    """A new folder that the users of PostgreSQL and PgBouncer may pass through; it goes at the end."""
    with tempfile.TemporaryDirectory(prefix="gatehouse-drill-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder
