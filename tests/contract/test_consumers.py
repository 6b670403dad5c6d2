"""What our consumers do with our answers, and the pacts that this leaves: `PACTS=write` writes them anew."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from pact import Pact

from tests.contract.consumers import PROVIDER, alerter, ticker, web

PACTS = Path(__file__).parent / "pacts"


def written(described: Pact, folder: Path) -> dict[str, Any]:
    """The pact without the versions of the library that wrote it."""
    folder = PACTS if os.environ.get("PACTS") == "write" else folder
    described.write_file(folder, overwrite=True)
    return read(folder / f"{described.consumer}-{PROVIDER}.json")


def read(path: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(path.read_text())
    return {name: value for name, value in told.items() if name != "metadata"}


@pytest.mark.parametrize("consumer", [ticker, web], ids=["ticker", "web"])
def test_a_consumer_gets_along_with_what_its_pact_promises(consumer: Any, tmp_path: Path) -> None:
    described = consumer.pact()
    with described.serve() as server:
        consumer.exercise(server)
    assert written(described, tmp_path) == read(PACTS / f"{described.consumer}-{PROVIDER}.json")


def test_the_alerter_gets_along_with_the_events_that_its_pact_promises(tmp_path: Path) -> None:
    described = alerter.pact()
    alerter.exercise(described)
    assert written(described, tmp_path) == read(PACTS / f"alerter-{PROVIDER}.json")
