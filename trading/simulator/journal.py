"""What the simulator was asked, for tests to look at. It holds secrets, so it lives in memory only."""

from collections import deque
from datetime import datetime

from pydantic import BaseModel

CAPACITY = 10_000


class Entry(BaseModel):
    """A request and the status of the answer; None when no status went out."""

    at: datetime
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    form: dict[str, str]
    status: int | None


class Journal:
    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=CAPACITY)

    def record(self, entry: Entry) -> None:
        self._entries.append(entry)

    def entries(self) -> list[Entry]:
        """The oldest first."""
        return list(self._entries)

    def clear(self) -> None:
        self._entries.clear()
