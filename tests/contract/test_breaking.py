"""No change breaks clients of the last release, and each way to break one is noticed."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from tests.contract.breaking import breaks
from tests.contract.release import current, released

Change = Callable[[Any], object]

DOCUMENT: dict[str, Any] = {
    "paths": {
        "/v1/things": {
            "get": {
                "security": [{"bearer": []}],
                "parameters": [
                    {
                        "in": "query",
                        "name": "state",
                        "schema": {"type": "string", "enum": ["a", "b"]},
                    },
                    {"in": "query", "name": "limit", "schema": {"type": "integer", "maximum": 100}},
                ],
                "responses": {
                    "200": {
                        "headers": {"ETag": {}},
                        "content": {
                            "application/json": {
                                "schema": {
                                    "type": "array",
                                    "items": {"$ref": "#/components/schemas/Thing"},
                                }
                            }
                        },
                    }
                },
            },
            "post": {
                "security": [{}],
                "requestBody": {
                    "content": {
                        "application/json": {
                            "schema": {"$ref": "#/components/schemas/ThingRequest"}
                        }
                    }
                },
                "responses": {
                    "201": {
                        "content": {
                            "application/json": {"schema": {"$ref": "#/components/schemas/Answer"}}
                        }
                    },
                    "4XX": {
                        "content": {"application/problem+json": {"schema": {"type": "object"}}}
                    },
                },
            },
        }
    },
    "components": {
        "schemas": {
            "Thing": {
                "type": "object",
                "required": ["id", "state"],
                "properties": {
                    "id": {"type": "string"},
                    "state": {"allOf": [{"$ref": "#/components/schemas/State"}]},
                    "size": {"type": "number"},
                    "parent": {"$ref": "#/components/schemas/Thing"},
                },
            },
            "State": {"type": "string", "enum": ["a", "b"]},
            "ThingRequest": {
                "type": "object",
                "required": ["name"],
                "properties": {
                    "name": {"type": "string", "maxLength": 50},
                    "note": {"type": ["string", "null"]},
                    "count": {"type": "integer", "minimum": 1},
                    "kind": {"oneOf": [{"type": "string"}, {"type": "integer"}]},
                },
            },
            "Answer": {
                "oneOf": [
                    {"$ref": "#/components/schemas/Thing"},
                    {"$ref": "#/components/schemas/State"},
                ]
            },
        }
    },
}


def things(document: Any) -> Any:
    return document["paths"]["/v1/things"]


def schema(document: Any, name: str) -> Any:
    return document["components"]["schemas"][name]


def answer(document: Any) -> Any:
    return things(document)["get"]["responses"]["200"]


BREAKS: list[tuple[str, Change]] = [
    ("/v1/things: is gone", lambda d: d["paths"].pop("/v1/things")),
    ("GET /v1/things: is gone", lambda d: things(d).pop("get")),
    ("parameter state: is gone", lambda d: things(d)["get"]["parameters"].pop(0)),
    (
        "parameter limit: must be given now",
        lambda d: things(d)["get"]["parameters"][1].update(required=True),
    ),
    (
        "parameter since: is new and must be given",
        lambda d: things(d)["get"]["parameters"].append(
            {"in": "query", "name": "since", "required": True, "schema": {"type": "string"}}
        ),
    ),
    (
        "parameter state: takes b no longer",
        lambda d: things(d)["get"]["parameters"][0]["schema"]["enum"].remove("b"),
    ),
    (
        "parameter limit: maximum is 50, and was 100",
        lambda d: things(d)["get"]["parameters"][1]["schema"].update(maximum=50),
    ),
    (
        "GET /v1/things: no longer opens to bearer",
        lambda d: things(d)["get"].update(security=[{"bearer": ["things:read"]}]),
    ),
    (
        "POST /v1/things: no longer opens to strangers",
        lambda d: things(d)["post"].update(security=[{"bearer": []}]),
    ),
    (
        "POST /v1/things: wants its body now",
        lambda d: things(d)["post"]["requestBody"].update(required=True),
    ),
    ("POST /v1/things: takes no body any more", lambda d: things(d)["post"].pop("requestBody")),
    (
        "GET /v1/things: wants a body now",
        lambda d: things(d)["get"].update(requestBody={"required": True, "content": {}}),
    ),
    ("application/json is gone", lambda d: answer(d)["content"].clear()),
    ("the header ETag is gone", lambda d: answer(d)["headers"].clear()),
    ("no longer answers 201", lambda d: things(d)["post"]["responses"].pop("201")),
    ("[].size: is gone", lambda d: schema(d, "Thing")["properties"].pop("size")),
    ("[].id: is no longer sure to be there", lambda d: schema(d, "Thing")["required"].remove("id")),
    (
        "[].id: may be null now",
        lambda d: schema(d, "Thing")["properties"]["id"].update(type=["string", "null"]),
    ),
    (
        "[].id: has the format uuid, and had None",
        lambda d: schema(d, "Thing")["properties"]["id"].update(format="uuid"),
    ),
    ("[].state: had certain values", lambda d: schema(d, "State").pop("enum")),
    (
        "body.count: must be given now",
        lambda d: schema(d, "ThingRequest")["required"].append("count"),
    ),
    ("body.note: is gone", lambda d: schema(d, "ThingRequest")["properties"].pop("note")),
    (
        "body.note: takes null no longer",
        lambda d: schema(d, "ThingRequest")["properties"]["note"].update(type="string"),
    ),
    (
        "body.name: maxLength is 20, and was 50",
        lambda d: schema(d, "ThingRequest")["properties"]["name"].update(maxLength=20),
    ),
    (
        "body.count: minimum is 2, and was 1",
        lambda d: schema(d, "ThingRequest")["properties"]["count"].update(minimum=2),
    ),
    (
        "body.name: has another pattern",
        lambda d: schema(d, "ThingRequest")["properties"]["name"].update(pattern="^a"),
    ),
    (
        "body.name: takes only some values now",
        lambda d: schema(d, "ThingRequest")["properties"]["name"].update(enum=["a"]),
    ),
    (
        "body.kind: takes 1 no longer",
        lambda d: schema(d, "ThingRequest")["properties"]["kind"]["oneOf"].pop(),
    ),
    (
        "201: may be ThingRequest now",
        lambda d: schema(d, "Answer")["oneOf"].append(
            {"$ref": "#/components/schemas/ThingRequest"}
        ),
    ),
]
HARMLESS: list[tuple[str, Change]] = [
    ("nothing", lambda d: None),
    ("a path more", lambda d: d["paths"].update({"/v1/other": {"get": {"responses": {}}}})),
    (
        "a parameter more that may be left out",
        lambda d: things(d)["get"]["parameters"].append(
            {"in": "query", "name": "since", "schema": {"type": "string"}}
        ),
    ),
    ("a field more to read", lambda d: schema(d, "Thing")["properties"].update(extra={})),
    ("a value more to read", lambda d: schema(d, "State")["enum"].append("c")),
    (
        "a field more that may be sent",
        lambda d: schema(d, "ThingRequest")["properties"].update(extra={"type": "string"}),
    ),
    ("a field that need not be sent any more", lambda d: schema(d, "ThingRequest").pop("required")),
    (
        "a bound that is wider",
        lambda d: schema(d, "ThingRequest")["properties"]["name"].update(maxLength=500),
    ),
    (
        "whole numbers where numbers were read",
        lambda d: schema(d, "Thing")["properties"]["size"].update(type="integer"),
    ),
    (
        "another way in",
        lambda d: things(d)["get"]["security"].append({"key": []}),
    ),
]


def changed(change: Change) -> list[str]:
    document = copy.deepcopy(DOCUMENT)
    change(document)
    return breaks(DOCUMENT, document)


def test_no_client_of_the_last_release_is_broken() -> None:
    assert breaks(released(), current()) == []


def test_the_last_release_had_something_to_break() -> None:
    assert len(released()["paths"]) > 100


@pytest.mark.parametrize(("told", "change"), BREAKS, ids=[told for told, _ in BREAKS])
def test_what_breaks_a_client_is_told(told: str, change: Change) -> None:
    found = changed(change)
    assert [line for line in found if told in line], found


@pytest.mark.parametrize("change", [change for _, change in HARMLESS], ids=[n for n, _ in HARMLESS])
def test_what_every_client_bears_is_no_break(change: Change) -> None:
    assert changed(change) == []
