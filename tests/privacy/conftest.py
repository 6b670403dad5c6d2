"""People whose data is exported and erased."""

from pathlib import Path
from typing import Any

import pytest

from config import redis as redis_connection
from tests.privacy.everywhere import Known, known_everywhere


@pytest.fixture
def archives(tmp_path: Path, environment: Any) -> Path:
    """The folder in which archives wait."""
    environment(
        archive_dir=tmp_path / "archives",
        broker_logout_attempts=1,
        kite_api_url="http://127.0.0.1:9",
    )
    return tmp_path / "archives"


@pytest.fixture
def kavya(archives: Path, db: None) -> Known:
    redis_connection.client().flushdb()
    return known_everywhere()
