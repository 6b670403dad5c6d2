"""Fixtures of the telemetry tests."""

import json
from collections.abc import Callable
from typing import Any

import pytest

LogLines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def log_lines(capsys: pytest.CaptureFixture[str]) -> LogLines:
    """What has been logged to standard output since the last call; each line must be one JSON object."""

    def read() -> list[dict[str, Any]]:
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    return read
