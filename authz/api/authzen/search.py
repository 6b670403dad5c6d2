"""Subject, Resource and Action Search (section 8)."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from authz.api.authzen import reading
from authz.api.authzen.documents import ActionSearchView, ResourceSearchView, SubjectSearchView
from authz.api.door import Caller, Door
from authz.api.questions import believed, require_right_to_assert, require_right_to_search
from authz.services import search
from authz.services.decisions import Question
from authz.services.search import Page, Position
from config.http import plain
from config.http.pagination import decode_place, encode_place
from config.http.plain import plain_view

NO_ACTION = "-"  # in place of the name where actions are what is sought

Search = Callable[..., Page[str]]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with a hole in it, and which page of the answers is wanted."""

    question: Question
    start: Position
    limit: int
    fingerprint: str


def _read_subject_search(body: Mapping[str, Any]) -> Asked:
    kind = reading.kind(body, "subject")
    return _asked(body, kind, reading.action(body), reading.entity(body, "resource"))


def _read_resource_search(body: Mapping[str, Any]) -> Asked:
    subject = reading.entity(body, "subject")
    return _asked(body, subject, reading.action(body), reading.kind(body, "resource"))


def _read_action_search(body: Mapping[str, Any]) -> Asked:
    """Whatever the body says of an action is ignored."""
    subject, resource = reading.entity(body, "subject"), reading.entity(body, "resource")
    return _asked(body, subject, reading.Act(name=NO_ACTION), resource)


def _asked(
    body: Mapping[str, Any], subject: reading.Named, act: reading.Act, resource: reading.Named
) -> Asked:
    question = Question(
        subject=subject.reference,
        action=act.name,
        resource=resource.reference,
        context=reading.context(body),
        subject_properties=subject.properties,
        action_properties=act.properties,
        resource_properties=resource.properties,
    )
    fingerprint = _fingerprint(question)
    start, limit = _page(body, fingerprint)
    return Asked(question, start, limit, fingerprint)


def _page(body: Mapping[str, Any], fingerprint: str) -> tuple[Position, int]:
    """Section 8.2. A token is good for the question that it came with; it remembers the limit, too."""
    page = body.get("page", {})
    if not isinstance(page, dict):
        raise reading.flaw("page", "invalid", reading.OBJECT)
    limit = page.get("limit")
    if limit is not None and (limit.__class__ is not int or limit < 0):
        raise reading.flaw("page.limit", "invalid", "Must be a whole number, 0 or more.")
    token = page.get("token", "")
    if not isinstance(token, str):
        raise reading.flaw("page.token", "invalid", reading.STRING)
    most = settings.ENVIRONMENT.search_page_limit
    if not token:
        return Position(), min(
            settings.ENVIRONMENT.search_page_size if limit is None else limit, most
        )
    start, remembered, asked = _open(token)
    if asked != fingerprint or limit not in {None, remembered}:
        detail = "The search has changed since this token was given."
        raise reading.flaw("page.token", "changed", detail)
    return start, min(remembered, most)


def _fingerprint(question: Question) -> str:
    said = [
        question.subject,
        question.action,
        question.resource,
        question.context,
        question.subject_properties,
        question.action_properties,
        question.resource_properties,
    ]
    text = json.dumps(said, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _token(asked: Asked, following: Position | None) -> str:
    """Opaque, and no secret: whoever forges one goes on from elsewhere in what they may see anyway."""
    if following is None:
        return ""
    return encode_place([following.source, following.after, asked.limit, asked.fingerprint])


def _open(token: str) -> tuple[Position, int, str]:
    try:
        source, after, limit, fingerprint = decode_place(token)
    except ValueError:
        source = after = fingerprint = limit = None
    texts = all(isinstance(one, str) for one in (source, after, fingerprint))
    if not texts or limit.__class__ is not int or limit < 0 or "\x00" in after:
        raise reading.flaw("page.token", "invalid", "Not a token that this search gave out.")
    return Position(source, after), limit, fingerprint


def _answering(
    run: Search, entry: Callable[[Question, str], Mapping[str, str]]
) -> Callable[[Caller, Asked], Mapping[str, Any]]:
    def answer(caller: Caller, asked: Asked) -> Mapping[str, Any]:
        require_right_to_search(caller.principal)
        require_right_to_assert(caller.principal, [asked.question])
        question = believed(caller.principal, asked.question)
        page = run(question, start=asked.start, limit=asked.limit)
        return {
            "page": {"next_token": _token(asked, page.following), "count": len(page.results)},
            "results": [entry(question, result) for result in page.results],
        }

    return answer


def _subject(question: Question, identifier: str) -> Mapping[str, str]:
    return {"type": question.subject.partition(":")[0], "id": identifier}


def _resource(question: Question, identifier: str) -> Mapping[str, str]:
    return {"type": question.resource.partition(":")[0], "id": identifier}


def _action(_: Question, name: str) -> Mapping[str, str]:
    return {"name": name}


def _nobody(_: Asked) -> tuple[str, ...]:
    """A search reads its stamps itself, when it has found out what it needs."""
    return ()


SUBJECTS: Door[Asked] = Door(
    body=plain.stated_object,
    read=_read_subject_search,
    about=_nobody,
    answer=_answering(search.search_subjects, _subject),
)
RESOURCES: Door[Asked] = Door(
    body=plain.stated_object,
    read=_read_resource_search,
    about=_nobody,
    answer=_answering(search.search_resources, _resource),
)
ACTIONS: Door[Asked] = Door(
    body=plain.stated_object,
    read=_read_action_search,
    about=_nobody,
    answer=_answering(search.search_actions, _action),
)


@plain_view(described_by=SubjectSearchView)
def search_subject(request: HttpRequest) -> HttpResponse:
    """`POST /access/v1/search/subject`"""
    return SUBJECTS.open(request)


@plain_view(described_by=ResourceSearchView)
def search_resource(request: HttpRequest) -> HttpResponse:
    """`POST /access/v1/search/resource`"""
    return RESOURCES.open(request)


@plain_view(described_by=ActionSearchView)
def search_action(request: HttpRequest) -> HttpResponse:
    """`POST /access/v1/search/action`"""
    return ACTIONS.open(request)
