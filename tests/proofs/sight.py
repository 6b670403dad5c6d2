"""What clients saw of the service: what they asked, what went wrong, and for how long nothing went well."""

import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from itertools import pairwise
from threading import Lock

import httpx

SIGN_IN, REFRESH, DECISION, READ, CHANGE = KINDS = (
    "sign-in",
    "refresh",
    "decision",
    "read",
    "change",
)
OF_PATHS = {
    "/v1/auth/login": SIGN_IN,
    "/v1/auth/refresh": REFRESH,
    "/v1/authz/check": DECISION,
}
UNWELL = {401, 429}  # of clients that hold a token and ask within their limits


@dataclass
class Sight:
    """Filled by many threads."""

    asked: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    _well: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    _lock: Lock = field(default_factory=Lock)

    def note(self, kind: str, answer: httpx.Response | Exception) -> None:
        """An answer that says no is well; one that says that something is broken, or none, is not."""
        wrong = _wrong(answer)
        with self._lock:
            self.asked[kind] += 1
            if wrong:
                self.wrong[f"{kind}: {wrong}"] += 1
            else:
                self._well[kind].append(time.monotonic())

    def longest_gap(self, kind: str, *, since: float, until: float) -> float:
        """Seconds between two answers that were well, at the most; both ends count as one. Times are monotonic."""
        with self._lock:
            inside = [moment for moment in self._well[kind] if since < moment < until]
        marks = [since, *inside, until]
        return max(after - before for before, after in pairwise(marks))


def kind_of(method: str, path: str) -> str:
    return OF_PATHS.get(path) or (READ if method == "GET" else CHANGE)


def _wrong(answer: httpx.Response | Exception) -> str:
    if isinstance(answer, Exception):
        return type(answer).__name__
    unwell = answer.status_code >= 500 or answer.status_code in UNWELL
    return str(answer.status_code) if unwell else ""
