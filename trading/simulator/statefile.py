"""Keeps the simulator's book between two runs, in a file that only its owner reads."""

import os
from pathlib import Path
from tempfile import NamedTemporaryFile

from pydantic import ValidationError

from trading.simulator.state import Book


class StateFileError(Exception):
    """The file is there and holds something else."""


class StateFile:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._saved = ""

    def load(self) -> Book | None:
        """The book as it was last saved, or None when there is no file. Raises StateFileError."""
        try:
            text = self._path.read_text()
        except FileNotFoundError:
            return None
        try:
            book = Book.model_validate_json(text)
        except ValidationError:
            raise StateFileError(f"{self._path} is no state of the simulator.") from None
        self._saved = text
        return book

    def save(self, book: Book) -> None:
        """Write the book if it has changed: whole or not at all."""
        text = book.model_dump_json()
        if text == self._saved:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile("w", dir=self._path.parent, delete=False) as file:
            file.write(text)  # such files are made with mode 0600
            file.flush()
            os.fsync(file.fileno())
        Path(file.name).replace(self._path)
        self._saved = text
