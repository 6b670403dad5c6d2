from collections.abc import Iterator
from typing import Any

import pytest

from config import redis
from config.http.tests import echo


@pytest.fixture(autouse=True)
def echo_api(settings: Any) -> Iterator[None]:
    """Serve the test API, and start each test with no bucket touched and no call made."""
    settings.ROOT_URLCONF = "config.http.tests.echo"
    echo.calls.clear()
    echo.gate.clear()
    for key in redis.client().scan_iter(redis.key("ratelimit", "*")):
        redis.client().delete(key)
    yield
