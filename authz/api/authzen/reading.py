"""The information model (section 5): subjects, resources, actions, contexts. Unknown members are ignored, as section
11.1.1 wants; what is missing or of another type is a 400.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from authz.engine import references
from authz.services.decisions import Question
from config.http.problems import FieldError, InvalidRequestError

OBJECT = "Must be an object."
STRING = "Must be a string."


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A subject or a resource. `id` is "" where it is what a search is for."""

    type: str
    id: str
    properties: Mapping[str, Any] = field(default_factory=dict)

    @property
    def reference(self) -> str:
        return f"{self.type}:{self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """An action."""

    name: str
    properties: Mapping[str, Any] = field(default_factory=dict)


def entity(body: Mapping[str, Any], member: str, *, place: str = "") -> Named:
    """The subject or resource in `body`, with its id. Raises InvalidRequestError."""
    source = _object(body, member, place)
    where = f"{place}{member}"
    return Named(
        type=_string(source, "type", where),
        id=_string(source, "id", where),
        properties=_properties(source, where),
    )


def kind(body: Mapping[str, Any], member: str) -> Named:
    """The entity that is searched for: whatever id it has is ignored. Raises InvalidRequestError."""
    source = _object(body, member, "")
    return Named(
        type=_string(source, "type", member), id="", properties=_properties(source, member)
    )


def action(body: Mapping[str, Any], *, place: str = "") -> Act:
    """Raises InvalidRequestError."""
    source = _object(body, "action", place)
    where = f"{place}action"
    return Act(name=_string(source, "name", where), properties=_properties(source, where))


def context(body: Mapping[str, Any], *, place: str = "") -> Mapping[str, Any]:
    """An empty one when there is none. Raises InvalidRequestError."""
    found = body.get("context", {})
    if not isinstance(found, dict):
        raise flaw(f"{place}context", "invalid", OBJECT)
    return found


def question(body: Mapping[str, Any], *, place: str = "") -> Question:
    """One evaluation (section 6.1). Raises InvalidRequestError."""
    subject = entity(body, "subject", place=place)
    act = action(body, place=place)
    resource = entity(body, "resource", place=place)
    return Question(
        subject=subject.reference,
        action=act.name,
        resource=resource.reference,
        context=context(body, place=place),
        subject_properties=subject.properties,
        action_properties=act.properties,
        resource_properties=resource.properties,
    )


def is_nameable(asked: Question) -> bool:
    """Whether policies can speak of what is asked: a type with blanks is well formed, and no policy knows it."""
    return (
        references.is_entity(asked.subject)
        and references.is_entity(asked.resource)
        and references.is_action(asked.action)
    )


def flaw(where: str, code: str, detail: str) -> InvalidRequestError:
    """The error of one place in the body."""
    return InvalidRequestError(f"{where}: {detail}", errors=[FieldError(where, code, detail)])


def _object(body: Mapping[str, Any], member: str, place: str) -> Mapping[str, Any]:
    where = f"{place}{member}"
    if member not in body:
        raise flaw(where, "required", "This is required.")
    found = body[member]
    if not isinstance(found, dict):
        raise flaw(where, "invalid", OBJECT)
    return found


def _string(source: Mapping[str, Any], name: str, where: str) -> str:
    if name not in source:
        raise flaw(f"{where}.{name}", "required", "This is required.")
    found = source[name]
    if not isinstance(found, str):
        raise flaw(f"{where}.{name}", "invalid", STRING)
    if not found:
        raise flaw(f"{where}.{name}", "blank", "This may not be empty.")
    return found


def _properties(source: Mapping[str, Any], where: str) -> Mapping[str, Any]:
    found = source.get("properties", {})
    if not isinstance(found, dict):
        raise flaw(f"{where}.properties", "invalid", OBJECT)
    return found
