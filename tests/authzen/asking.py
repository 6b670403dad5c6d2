"""How a case of the scenario asks and what it looks at, whoever carries the question."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

EVALUATION = "/access/v1/evaluation"
EVALUATIONS = "/access/v1/evaluations"
SUBJECTS = "/access/v1/search/subject"
RESOURCES = "/access/v1/search/resource"
ACTIONS = "/access/v1/search/action"
METADATA = "/.well-known/authzen-configuration"

JSON = "application/json"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]  # names in lower case
    document: Any


class Ask(Protocol):
    """Sends one request: a body that is no string or bytes as JSON, None for a GET."""

    def __call__(
        self,
        path: str,
        body: Any,
        *,
        content_type: str = JSON,
        headers: Mapping[str, str] | None = None,
    ) -> Answer: ...


Case = Callable[[Ask], None]


def named(kind: str, identifier: str, **properties: Any) -> dict[str, Any]:
    entity: dict[str, Any] = {"type": kind, "id": identifier}
    return entity | ({"properties": properties} if properties else {})


def act(name: str, **properties: Any) -> dict[str, Any]:
    return {"name": name} | ({"properties": properties} if properties else {})


ALICE, BOB = named("user", "alice"), named("user", "bob")
ADMIN_BOB = named("user", "bob", role="admin")
ONE, TWO = named("record", "record-1"), named("record", "record-2")
ACTIVE = named("record", "record-1", status="active")
ARCHIVED = named("record", "record-2", status="archived")
READ, WRITE = act("read"), act("write")
CIRCUMSTANCES = {"time": "2025-06-27T18:03-07:00", "ip": "192.168.1.1"}


def question(subject: Any = ALICE, action: Any = READ, resource: Any = ONE, **more: Any) -> Any:
    return {"subject": subject, "action": action, "resource": resource} | more


def fine(answer: Answer) -> Any:
    """What a good answer says."""
    assert answer.status == 200, answer
    assert answer.headers["content-type"].partition(";")[0] == JSON
    assert isinstance(answer.document, dict)
    return answer.document


def decision(document: Any) -> bool:
    assert isinstance(document["decision"], bool)
    assert isinstance(document.get("context", {}), dict)
    return bool(document["decision"])


def decisions(answer: Answer, *, count: int) -> list[bool]:
    document = fine(answer)
    assert len(document["evaluations"]) == count
    return [decision(one) for one in document["evaluations"]]


def found(answer: Answer, *, kind: str = "") -> list[str]:
    """The ids, or the names of actions, that a search answered."""
    document = fine(answer)
    page = document.get("page", {"next_token": ""})
    assert isinstance(page["next_token"], str)
    results = document["results"]
    assert isinstance(results, list)
    if not kind:
        return [one["name"] for one in results]
    assert all(one["type"] == kind for one in results)
    return [one["id"] for one in results]
