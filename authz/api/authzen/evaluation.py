"""Access Evaluation and Access Evaluations (sections 6 and 7): one question, or many with defaults in common."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from authz.api.authzen import reading
from authz.api.authzen.documents import EvaluationsView, EvaluationView
from authz.api.door import Caller, Door
from authz.api.questions import believed, require_right_to_ask, require_right_to_assert
from authz.metrics import DECISION_BATCH_SIZE
from authz.services import decisions
from authz.services.decisions import Decision, Known, Question
from config.http import plain
from config.http.plain import plain_view
from config.http.problems import InvalidRequestError
from config.http.short_way import short_way

ITEM_MEMBERS = ("subject", "action", "resource", "context")


class Semantic(StrEnum):
    """Section 7.1.2.1: how far to go."""

    EXECUTE_ALL = "execute_all"
    DENY_ON_FIRST_DENY = "deny_on_first_deny"
    PERMIT_ON_FIRST_PERMIT = "permit_on_first_permit"

    def stops_at(self, *, decision: bool) -> bool:
        if self is Semantic.DENY_ON_FIRST_DENY:
            return not decision
        return self is Semantic.PERMIT_ON_FIRST_PERMIT and decision


@dataclass(frozen=True, slots=True)
class Unnameable:
    """A question that is well formed, and that no policy can speak of."""

    question: Question


Item = Question | Unnameable | InvalidRequestError


@dataclass(frozen=True)
class Asked:
    """`items` are questions, and in place of each that is malformed what is wrong with it.

    `semantic` None: the request had no list of evaluations, and its answer has none.
    """

    items: Sequence[Item]
    semantic: Semantic | None = None

    @cached_property
    def questions(self) -> list[Question]:
        """Those that no policy can speak of included."""
        return [
            item.question if isinstance(item, Unnameable) else item
            for item in self.items
            if not isinstance(item, InvalidRequestError)
        ]

    @cached_property
    def entities(self) -> set[str]:
        return {
            entity for item in self.items if isinstance(item, Question) for entity in item.entities
        }


def read_one(body: Mapping[str, Any]) -> Asked:
    """Raises InvalidRequestError."""
    return Asked([_told_apart(reading.question(body))])


def read_many(body: Mapping[str, Any]) -> Asked:
    """Without a list, or with an empty one, it is a single question. Raises InvalidRequestError."""
    evaluations = body.get("evaluations", [])
    if not isinstance(evaluations, list):
        raise reading.flaw("evaluations", "invalid", "Must be a list.")
    semantic = _semantic(body)
    if not evaluations:
        return read_one(body)
    most = settings.ENVIRONMENT.decision_batch_size
    if len(evaluations) > most:
        raise reading.flaw("evaluations", "too_many", f"At most {most} in one request.")
    defaults = {name: body[name] for name in ITEM_MEMBERS if name in body}
    for name, value in defaults.items():
        if not isinstance(value, dict):
            raise reading.flaw(name, "invalid", reading.OBJECT)
    return Asked([_item(item, index, defaults) for index, item in enumerate(evaluations)], semantic)


def _item(item: Any, index: int, defaults: Mapping[str, Any]) -> Item:
    """What an item names replaces the default whole."""
    place = f"evaluations.{index}"
    try:
        if not isinstance(item, dict):
            raise reading.flaw(place, "invalid", reading.OBJECT)
        return _told_apart(reading.question({**defaults, **item}, place=f"{place}."))
    except InvalidRequestError as error:
        return error


def _told_apart(question: Question) -> Question | Unnameable:
    return question if reading.is_nameable(question) else Unnameable(question)


def _semantic(body: Mapping[str, Any]) -> Semantic:
    options = body.get("options", {})
    if not isinstance(options, dict):
        raise reading.flaw("options", "invalid", reading.OBJECT)
    wanted = options.get("evaluations_semantic", Semantic.EXECUTE_ALL.value)
    try:
        return Semantic(wanted)
    except ValueError:
        detail = f"One of {', '.join(Semantic)}."
        raise reading.flaw("options.evaluations_semantic", "unknown", detail) from None


def answer(caller: Caller, asked: Asked) -> Mapping[str, Any]:
    """Raises ForbiddenError when the caller may not ask or assert what one of the questions does."""
    questions = asked.questions
    require_right_to_ask(caller.principal, [question.subject for question in questions])
    require_right_to_assert(caller.principal, questions)
    known = decisions.gather(asked.entities, stamps=caller.stamps)
    if asked.semantic is None:
        return _evaluate(caller, known, asked.items[0])
    DECISION_BATCH_SIZE.labels("authzen").observe(len(asked.items))
    told: list[Mapping[str, Any]] = []
    for item in asked.items:
        told.append(_evaluate(caller, known, item))
        if asked.semantic.stops_at(decision=told[-1]["decision"]):
            break
    return {"evaluations": told}


def _evaluate(caller: Caller, known: Known, item: Item) -> Mapping[str, Any]:
    if isinstance(item, InvalidRequestError):
        error = {"status": item.status, "message": item.detail}
        return {"decision": False, "context": {"reason": "invalid_request", "error": error}}
    if isinstance(item, Unnameable):
        return {"decision": False, "context": {"reason": "no_policy", "policy": None, "ttl": 0}}
    decision = decisions.answer(known, believed(caller.principal, item), source="authzen")
    return {"decision": decision.allowed, "context": _context(decision)}


def _context(decision: Decision) -> dict[str, Any]:
    """Section 5.5.1: what a PEP may want to know besides; `obligations` bind it."""
    context: dict[str, Any] = {
        "reason": decision.reason.value,
        "policy": decision.policy or None,
        "ttl": decision.ttl,
    }
    if decision.obligations:
        context["obligations"] = decision.obligations
    return context


def _entities(asked: Asked) -> Collection[str]:
    return asked.entities


ONE: Door[Asked] = Door(
    body=plain.stated_object,
    read=read_one,
    about=_entities,
    answer=answer,
    api_key_scope=EvaluationView.api_key_scopes["POST"],
)
MANY: Door[Asked] = Door(
    body=plain.stated_object,
    read=read_many,
    about=_entities,
    answer=answer,
    api_key_scope=EvaluationsView.api_key_scopes["POST"],
)


@short_way
@plain_view(described_by=EvaluationView)
def evaluation(request: HttpRequest) -> HttpResponse:
    """`POST /access/v1/evaluation`"""
    return ONE.open(request)


@short_way
@plain_view(described_by=EvaluationsView)
def evaluations(request: HttpRequest) -> HttpResponse:
    """`POST /access/v1/evaluations`"""
    return MANY.open(request)
