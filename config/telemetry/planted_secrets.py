"""The secrets that tests use, so that the whole run's log can be searched for them (see `pytest_plugin`)."""

import base64
import json
from collections.abc import Iterator
from urllib.parse import quote

SHORTEST = 8  # characters; anything shorter would be found by accident

_planted: set[str] = set()


def add(*secrets: str) -> None:
    """No log line of this run may hold one of `secrets`. Raises ValueError for one under 8 characters."""
    for secret in secrets:
        if len(secret) < SHORTEST:
            raise ValueError(f"a planted secret has at least {SHORTEST} characters")
        _planted.add(secret)


def forget(*secrets: str) -> None:
    """Take `secrets` back."""
    _planted.difference_update(secrets)


def spellings() -> frozenset[str]:
    """All of them, as they are and as JSON, URLs and Base64 write them."""
    return frozenset(spelling for secret in _planted for spelling in _spellings_of(secret))


def _spellings_of(secret: str) -> Iterator[str]:
    yield secret
    yield json.dumps(secret)[1:-1]
    yield quote(secret, safe="")
    yield quote(secret, safe="").replace("%20", "+")
    yield base64.b64encode(secret.encode()).decode().rstrip("=")
