from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from events import subscribers
from events.tests.webhooks.receiver import LOOPBACK, Receiver, receiving


@pytest.fixture
def receiver(tmp_path: Path, environment: Callable[..., None]) -> Iterator[Receiver]:
    """An endpoint whose authority is trusted and whose network is allowed."""
    with receiving(tmp_path) as running:
        environment(outbound_allowed_networks=LOOPBACK, outbound_ca_file=running.server.ca_file)
        yield running


@pytest.fixture(autouse=True)
def _every_client_may_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who may is known on a higher floor, whose tests look at it."""
    monkeypatch.setattr(subscribers._registered, "entitled", lambda clients: clients)
