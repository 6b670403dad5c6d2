"""Asking the web process whether it is ready."""

import time
from http import HTTPStatus
from urllib.error import URLError
from urllib.request import urlopen

POLL_INTERVAL = 0.05  # seconds


def wait_until_ready(url: str) -> None:
    """Return when `url` answers 200."""
    while not _answers(url):
        time.sleep(POLL_INTERVAL)


def _answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=5) as answer:  # noqa: S310 - our own address
            return int(answer.status) == HTTPStatus.OK
    except (URLError, ConnectionError, TimeoutError):
        return False
