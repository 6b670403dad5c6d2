"""My account, Activity: what happened to one's account, from the trail, in words."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.activity_words import OF_FAILURES, sentence_about
from accounts.devices import device_in_words, place_in_words
from accounts.models import Session, User
from accounts.pages.visitors import for_people
from audit.api.pages import decode_position, encode_position
from audit.models import AuthEvent
from audit.types import ActorType, Outcome
from config.http.problems import InvalidRequestError

ON_A_PAGE = 30


@require_safe
@for_people(home="my-account")
def page(request: HttpRequest, session: Session) -> HttpResponse:
    """The newest first; `?before=` is where the page before it ended. A place that we never gave out is the start."""
    user = session.user
    rows = AuthEvent.objects.for_user(user.public_id)
    before = request.GET.get("before", "")
    if before:
        try:
            rows = rows.after(decode_position(before))
        except InvalidRequestError:
            before = ""
    found = rows.newest(ON_A_PAGE + 1)
    words = {
        "rows": [_shown(row, user) for row in found[:ON_A_PAGE]],
        "older": encode_position(found[ON_A_PAGE - 1].position) if len(found) > ON_A_PAGE else "",
        "is_first": not before,
    }
    return render(request, "accounts/activity.html", words)


def _shown(row: AuthEvent, user: User) -> dict[str, Any]:
    return {
        "sentence": sentence_about(row.event_type),
        "at": row.occurred_at,
        "by": _who(row, user),
        "where": _where(row) if row.actor_id in {"", user.public_id} else "",
        "failed": row.outcome == Outcome.FAILURE and row.event_type not in OF_FAILURES,
    }


def _who(row: AuthEvent, user: User) -> str:
    """Whoever else did it. Their names are theirs."""
    if row.actor_type == ActorType.SERVICE:
        return _("by a program")
    if row.actor_type == ActorType.USER and row.actor_id != user.public_id:
        return _("by somebody else")
    return ""


def _where(row: AuthEvent) -> str:
    """The device, the place and the address of a request, as far as they are known."""
    device = device_in_words(row.user_agent) if row.user_agent else ""
    parts = (device, place_in_words(row.country, ""), row.ip or "")
    return " · ".join(part for part in parts if part)
