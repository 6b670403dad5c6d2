"""Asking the web process whether it is ready."""

import time
from collections.abc import Callable
from http import HTTPStatus
from math import inf
from urllib.error import URLError
from urllib.request import urlopen

POLL_INTERVAL = 0.05  # seconds


def wait_until_ready(
    url: str, *, patience: float = inf, may_come: Callable[[], bool] = lambda: True
) -> bool:
    """Whether `url` answered 200 within `patience` seconds; returns as soon as it does, or when that may not come any
    more, for whoever should answer has ended.
    """
    deadline = time.monotonic() + patience
    while not _answers(url):
        if time.monotonic() > deadline or not may_come():
            return False
        time.sleep(POLL_INTERVAL)
    return True


def _answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=5) as answer:  # noqa: S310 - our own address
            return int(answer.status) == HTTPStatus.OK
    except (URLError, ConnectionError, TimeoutError):
        return False
