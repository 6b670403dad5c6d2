"""GET /v1/events/schemas and /v1/events/schemas/{type}."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import jsonschema
import pytest

from conftest import ApiClientFactory
from events import schemas
from events.schemas import publish
from events.tests.factories import ThingHappened

NAME = ThingHappened.full_type()

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """One type that is sent, and one whose class is gone."""
    publish(ThingHappened, tmp_path)
    (tmp_path / "test_events.gone.v1.json").write_text('{"title": "test_events.gone.v1"}')
    monkeypatch.setattr(schemas.published, "__defaults__", (tmp_path,))
    schemas.catalogue.cache_clear()
    yield
    schemas.catalogue.cache_clear()


def test_anyone_may_list_the_types(api: ApiClientFactory, environment: Callable[..., None]) -> None:
    environment(public_url="https://id.example")
    response = api().get("/v1/events/schemas")
    assert response.status_code == 200
    assert response.json() == {
        "results": [
            {
                "type": "test_events.gone.v1",
                "description": "No longer sent.",
                "dataschema": "https://id.example/v1/events/schemas/test_events.gone.v1",
            },
            {
                "type": NAME,
                "description": "A thing happened, for the tests of the events floor alone.",
                "dataschema": f"https://id.example/v1/events/schemas/{NAME}",
            },
        ]
    }


def test_a_type_has_its_schema_at_the_address_that_envelopes_name(
    api: ApiClientFactory, environment: Callable[..., None]
) -> None:
    environment(public_url="https://id.example")
    response = api().get(f"/v1/events/schemas/{NAME}")
    assert response.status_code == 200
    schema = response.json()
    assert schema["$id"] == f"https://id.example/v1/events/schemas/{NAME}"
    assert schema["description"] == "A thing happened, for the tests of the events floor alone."
    data = ThingHappened(thing_id="thing_1", labels={"a": None}).data()
    jsonschema.validate(json.loads(json.dumps(data)), schema)
    assert "public" in response["Cache-Control"]


def test_a_type_that_is_no_longer_sent_keeps_its_schema(api: ApiClientFactory) -> None:
    assert (
        api().get("/v1/events/schemas/test_events.gone.v1").json()["title"] == "test_events.gone.v1"
    )


@pytest.mark.parametrize("name", ["user.created", "nothing.v1", "..%2Fschemas", "%00"])
def test_an_unknown_type_is_not_found(api: ApiClientFactory, name: str) -> None:
    response = api().get(f"/v1/events/schemas/{name}")
    assert response.status_code == 404
