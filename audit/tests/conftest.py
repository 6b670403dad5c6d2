"""The suite runs on a trail with native partitions and, where DATABASE_URL is a TimescaleDB, on a hypertable."""

import pytest

from audit.services import chunks


@pytest.fixture
def native_partitions(db: None) -> None:
    """For a test of the partitions themselves."""
    if chunks.in_use():
        pytest.skip("the trail is a hypertable here")


@pytest.fixture
def hypertable(db: None) -> None:
    """For a test of the hypertable itself."""
    if not chunks.in_use():
        pytest.skip("no TimescaleDB: set DATABASE_URL to one that has the extension in template1")
