"""What an event class looks like to those who never see the class."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Literal
from uuid import UUID

import jsonschema
import pytest
from django.db import models

from events.domain import DomainEvent
from events.schemas import description_of, schema_of
from events.tests.factories import ThingHappened


class Colour(models.TextChoices):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True, kw_only=True)
class AllKinds(DomainEvent):
    event_type = "test_schemas.all_kinds"
    version = 3

    text: str
    yes: bool
    whole: int
    real: float
    moment: datetime
    day: date
    key: UUID
    colour: Colour
    word: Literal["a", "b"]
    maybe: str | None
    many: tuple[int, ...]
    more: list[str]
    names: frozenset[str]
    counts: Mapping[str, int]
    anything: dict[str, Any]


def all_kinds() -> AllKinds:
    return AllKinds(
        text="x",
        yes=True,
        whole=1,
        real=1.5,
        moment=datetime(2026, 1, 2, tzinfo=UTC),
        day=date(2026, 1, 2),
        key=UUID(int=1),
        colour=Colour.BLUE,
        word="a",
        maybe=None,
        many=(1, 2),
        more=["x"],
        names=frozenset({"n"}),
        counts={"a": 1},
        anything={"a": [None]},
    )


def test_every_kind_of_field_has_its_schema() -> None:
    schema = schema_of(AllKinds)
    assert schema["title"] == "test_schemas.all_kinds.v3"
    assert schema["properties"] == {
        "text": {"type": "string"},
        "yes": {"type": "boolean"},
        "whole": {"type": "integer"},
        "real": {"type": "number"},
        "moment": {"type": "string", "format": "date-time"},
        "day": {"type": "string", "format": "date"},
        "key": {"type": "string", "format": "uuid"},
        "colour": {"enum": ["red", "blue"]},
        "word": {"enum": ["a", "b"]},
        "maybe": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "many": {"type": "array", "items": {"type": "integer"}},
        "more": {"type": "array", "items": {"type": "string"}},
        "names": {"type": "array", "items": {"type": "string"}, "uniqueItems": True},
        "counts": {"type": "object", "additionalProperties": {"type": "integer"}},
        "anything": {"type": "object", "additionalProperties": {}},
    }
    assert schema["required"] == list(schema["properties"])


def test_what_an_event_sends_is_what_its_schema_says() -> None:
    schema = schema_of(AllKinds)
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(all_kinds().data(), schema, jsonschema.Draft202012Validator)


@pytest.mark.parametrize(
    ("field", "value"), [("whole", "1"), ("colour", "green"), ("many", ["x"]), ("stranger", 1)]
)
def test_what_it_does_not_say_is_refused(field: str, value: object) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(all_kinds().data() | {field: value}, schema_of(AllKinds))


def test_a_field_without_a_json_form_is_refused() -> None:
    @dataclass(frozen=True, kw_only=True)
    class Odd(DomainEvent):
        odd: complex

    with pytest.raises(TypeError, match="complex"):
        schema_of(Odd)


def test_the_description_is_the_docstring_that_somebody_wrote() -> None:
    assert (
        description_of(ThingHappened)
        == "A thing happened, for the tests of the events floor alone."
    )
    assert description_of(AllKinds) == ""
