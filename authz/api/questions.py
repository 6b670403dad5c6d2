"""From a request to the engine's questions: who may ask about whom, and whose word counts about the circumstances."""

from collections.abc import Iterable, Mapping
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


def question(request: Request, asked: Mapping[str, Any]) -> Question:
    """One validated `{subject, action, resource, context?}`."""
    return Question(
        subject=asked["subject"],
        action=asked["action"],
        resource=asked["resource"],
        context=_circumstances(caller(request), asked["subject"], asked.get("context", {})),
    )


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
        raise ForbiddenError(
            f"To ask about others needs the scope {CHECK_SCOPE}.",
            headers={
                "WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{CHECK_SCOPE}"'
            },
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
    believed = {name: value for name, value in sent.items() if name not in FACTS}
    return {**believed, **facts(principal)} if subject == principal.subject else believed
