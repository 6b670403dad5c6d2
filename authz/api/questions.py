"""From a request to the engine's questions: who may ask about whom, and whose word counts about the circumstances."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from rest_framework.request import Request

from authz.services.decisions import Question
from config.http import context
from config.http.principal import Principal
from config.http.problems import ForbiddenError

CHECK_SCOPE = "authz:check"
ASSERT_SCOPE = "authz:assert"

# What the token and the connection tell us of a caller who asks about themself. From anybody else these names count
# only with the scope for it; without, they are left out, and what asks for them is unknown.
FACTS = ("acr", "amr", "auth_time", "ip")


def believed(principal: Principal, asked: Question) -> Question:
    """The question with as much of its context as counts when `principal` says it, and what we know of them."""
    context = _circumstances(principal, asked.subject, asked.context)
    return asked if context is asked.context else replace(asked, context=context)


def caller(request: Request) -> Principal:
    """Who asks. Every API view has one: strangers are refused before."""
    principal = request.auth
    if not isinstance(principal, Principal):
        raise ForbiddenError
    return principal


def require_right_to_ask(principal: Principal, subjects: Iterable[str]) -> None:
    """Anybody asks about themself; about others, whoever has the scope. Raises ForbiddenError."""
    if CHECK_SCOPE in principal.scopes:
        return
    if principal.is_service or any(subject != principal.subject for subject in subjects):
        raise _insufficient(CHECK_SCOPE, "To ask about others")


def require_right_to_search(principal: Principal) -> None:
    """A search tells of many. Raises ForbiddenError for callers without the scope to ask about anybody."""
    if CHECK_SCOPE not in principal.scopes:
        raise _insufficient(CHECK_SCOPE, "To search")


def require_right_to_assert(principal: Principal, questions: Iterable[Question]) -> None:
    """Whoever says what a subject or a resource is like needs the scope for it. Leaving it out instead could turn a no
    into a yes. What an action is like belongs to the question, as its context does. Raises ForbiddenError.
    """
    if ASSERT_SCOPE in principal.scopes:
        return
    if any(one.subject_properties or one.resource_properties for one in questions):
        raise _insufficient(ASSERT_SCOPE, "To state properties of subjects and resources")


def _insufficient(scope: str, what: str) -> ForbiddenError:
    challenge = f'Bearer error="insufficient_scope", scope="{scope}"'
    return ForbiddenError(
        f"{what} needs the scope {scope}.", headers={"WWW-Authenticate": challenge}
    )


def facts(principal: Principal) -> dict[str, Any]:
    """What we ourselves know of the circumstances of this request."""
    known = {
        "acr": principal.acr or None,
        "amr": list(principal.amr) or None,
        "auth_time": principal.auth_time.isoformat() if principal.auth_time else None,
        "ip": context.current().ip,
    }
    return {name: value for name, value in known.items() if value is not None}


def _circumstances(
    principal: Principal, subject: str, sent: Mapping[str, Any]
) -> Mapping[str, Any]:
    if subject != principal.subject and ASSERT_SCOPE in principal.scopes:
        return sent
    if subject == principal.subject:
        return {name: value for name, value in sent.items() if name not in FACTS} | facts(principal)
    if sent.keys().isdisjoint(FACTS):
        return sent
    return {name: value for name, value in sent.items() if name not in FACTS}
