"""`manage.py event_schemas` as a developer sees it."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from events.domain import DomainEvent
from events.tests.factories import ThingHappened


@pytest.fixture(autouse=True)
def _only_one_event(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(DomainEvent, "registry", {ThingHappened.full_type(): ThingHappened})


def test_a_new_event_is_missed_then_written_then_as_published(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"Not published yet: test_events.thing.happened.v1"):
        call_command("event_schemas", folder=tmp_path)
    call_command("event_schemas", "--write", folder=tmp_path, stdout=StringIO())
    written = json.loads((tmp_path / "test_events.thing.happened.v1.json").read_text())
    assert written["properties"]["number"] == {"type": "integer"}
    output = StringIO()
    call_command("event_schemas", folder=tmp_path, stdout=output)
    assert output.getvalue() == "1 event types, all as published.\n"


def test_a_changed_event_is_refused_even_when_asked_to_write(tmp_path: Path) -> None:
    path = tmp_path / "test_events.thing.happened.v1.json"
    path.write_text("{}")
    with pytest.raises(CommandError, match="Give the class the next `version`"):
        call_command("event_schemas", "--write", folder=tmp_path)
    assert path.read_text() == "{}"
