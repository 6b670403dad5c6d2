"""What is published stays as it is: receivers rely on it."""

from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest
from django.apps import apps

from events.domain import DomainEvent
from events.schemas import changed, description_of, publish, published, schema_of, unpublished


def subclasses(cls: type[DomainEvent]) -> Iterator[type[DomainEvent]]:
    for subclass in cls.__subclasses__():
        yield subclass
        yield from subclasses(subclass)


def of_the_product(event: type[DomainEvent]) -> bool:
    return ".tests." not in event.__module__ and any(
        event.__module__.startswith(f"{app.name}.") for app in apps.get_app_configs()
    )


def events_for_the_outside() -> dict[str, type[DomainEvent]]:
    return {name: event for name, event in DomainEvent.registry.items() if of_the_product(event)}


def test_every_event_is_published() -> None:
    assert unpublished(events_for_the_outside()) == [], "run: manage.py event_schemas --write"


def test_every_published_event_says_what_it_means() -> None:
    assert [
        name for name, event in events_for_the_outside().items() if not description_of(event)
    ] == []


def test_no_published_event_has_changed() -> None:
    assert changed(events_for_the_outside()) == [], "a new shape is a new version"


def test_special_cases_of_an_event_send_what_the_event_sends() -> None:
    wrong = [
        event.__name__
        for event in subclasses(DomainEvent)
        if event.event_type
        and of_the_product(event)
        and schema_of(event) != schema_of(DomainEvent.registry[event.full_type()])
    ]
    assert wrong == []


def test_published_schemas_are_schemas() -> None:
    for name, schema in published().items():
        jsonschema.Draft202012Validator.check_schema(schema)
        assert schema["title"] == name


def test_a_change_is_noticed_and_nothing_is_overwritten(tmp_path: Path) -> None:
    class Before(DomainEvent):
        event_type = "test_published.thing"

    events: dict[str, type[DomainEvent]] = {Before.full_type(): Before}
    assert unpublished(events, tmp_path) == ["test_published.thing.v1"]
    path = publish(Before, tmp_path)
    assert (unpublished(events, tmp_path), changed(events, tmp_path)) == ([], [])
    path.write_text(path.read_text().replace('"properties": {}', '"properties": {"x": {}}'))
    assert changed(events, tmp_path) == ["test_published.thing.v1"]
    with pytest.raises(FileExistsError):
        publish(Before, tmp_path)
