"""Every filter of `GET /v1/audit/events`, at the top of the list and far down, timed in the view, with its plans."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from math import isqrt
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIRequestFactory, force_authenticate

from audit.api.pages import encode_position
from audit.api.views import TrailView
from audit.models import Position
from config.http.principal import Principal, ServiceUser
from tests.proofs.trail_filled import BEGIN, DAYS, NOW, say

AUDITOR = Principal(type="service", id="auditor", scopes=frozenset({"audit:read"}))
TIMES = 15
MOST_RATIO = 2.0  # of what a page takes now to what it took before, as the goals say
NOISE = 0.005  # seconds by which it may grow without being slower
LARGE = 10_000  # rows of a table that must not be read from end to end
FEW_PAGES = 3_000  # of 8 KiB, which any page of the list may touch
PAGE = 51  # rows that one asks for
TRIES = 8  # for a page that seems slow on a busy machine


def person(who: int) -> str:
    return f"usr_{who:026}"


def _span(days: float, length: float) -> dict[str, str]:
    begin = NOW - timedelta(days=days)
    end = begin + timedelta(days=length)
    return {"from": begin.isoformat(), "to": end.isoformat()}


BUSY, QUIET, NOBODY = person(1), person(90_000), person(999_999)
QUESTIONS: dict[str, dict[str, Any]] = {
    "everything": {},
    "a busy person": {"user_id": BUSY},
    "a quiet person": {"user_id": QUIET},
    "nobody": {"user_id": NOBODY},
    "a common type": {"event_type": "auth.token.refreshed"},
    "a rare type": {"event_type": "account.erased"},
    "all types of sign-ins": {"event_type": "auth.login.*"},
    "two types": {"event_type": ["session.anomaly", "authz.role.granted"]},
    "an address": {"ip": "10.0.0.1"},
    "an address across a month": {"ip": "10.0.0.1", **_span(60, 30)},
    "a network /24": {"ip": "10.0.0.0/24"},
    "a network /8": {"ip": "10.0.0.0/8"},
    "a network of nobody": {"ip": "192.0.2.0/24"},
    "a session": {"session_id": f"ses_{1001:026}"},
    "failures": {"outcome": "failure"},
    "successes": {"outcome": "success"},
    "risk from 70": {"risk": "70"},
    "risk from 99": {"risk": "99"},
    "risk from 10": {"risk": "10"},
    "risk from 70 in a week": {"risk": "70", **_span(40, 7)},
    "a week": _span(100, 7),
    "since a day": {"from": (NOW - timedelta(days=1)).isoformat()},
    "until half a year ago": {"to": (NOW - timedelta(days=DAYS / 2)).isoformat()},
    "a person and a type": {"user_id": BUSY, "event_type": "account.updated"},
    "a person's failures": {"user_id": BUSY, "outcome": "failure"},
    "a person in a week": {"user_id": BUSY, **_span(100, 7)},
    "a person and an address": {"user_id": BUSY, "ip": "10.0.0.1"},
    "failures of a rare type": {"event_type": "account.erased", "outcome": "failure"},
    "failures from a network": {"ip": "10.3.0.0/16", "outcome": "failure"},
    "risky failures": {"risk": "90", "outcome": "failure"},
    "a rare type with risk": {"event_type": "session.anomaly", "risk": "70"},
    "a network with risk": {"ip": "10.3.0.0/16", "risk": "90"},
    "a person with risk": {"user_id": BUSY, "risk": "90"},
    "a quiet person's network": {"user_id": QUIET, "ip": "10.0.0.0/8"},
}
# Those that one index answers are to be as quick among many rows as among few. The others read what the narrower of
# their filters leaves, or the list from its top until they have found enough: most in between, where both are alike.
BY_ONE_INDEX = frozenset(
    {
        "everything",
        "a busy person",
        "a quiet person",
        "nobody",
        "a common type",
        "a rare type",
        "two types",
        "an address",
        "an address across a month",
        "a network of nobody",
        "a session",
        "failures",
        "risk from 70",
        "risk from 99",
        "risk from 70 in a week",
        "a week",
        "since a day",
        "until half a year ago",
        "a person in a week",
    }
)
FAR_DOWN = encode_position(Position(BEGIN + timedelta(days=DAYS / 3), UUID(int=0)))
PLACES: dict[str, dict[str, str]] = {"first": {}, "deep": {"cursor": FAR_DOWN}}


@dataclass(frozen=True)
class Asked:
    """One page: how many rows it had, its quickest answer (whatever else the machine does only adds), and what
    PostgreSQL did for it."""

    rows: int
    seconds: float
    pages: int
    whole_tables: tuple[str, ...]


def asked() -> dict[tuple[str, str], Asked]:
    """Each question, from the top and from far down."""
    view = TrailView.as_view()
    return {
        (name, place): _ask(view, question | extra)
        for name, question in QUESTIONS.items()
        for place, extra in PLACES.items()
    }


def compared(
    before: dict[tuple[str, str], Asked], now: dict[tuple[str, str], Asked], *, rows: int
) -> bool:
    """Whether nothing reads a large table whole or too much of it, and what one index answers is as quick as it was
    with fewer rows; as a table on standard output.
    """
    say(f"\n| at {rows} rows | page | rows | quickest | before | ratio | 8 KiB pages | |")
    say("| --- | --- | --- | --- | --- | --- | --- | --- |")
    most_pages, flaws = max(FEW_PAGES, isqrt(PAGE * rows)), 0
    for (name, place), answer in now.items():
        former = before[name, place]
        seconds = _quickest(name, place, answer.seconds, former.seconds)
        told = [
            *(["slow"] if name in BY_ONE_INDEX and _is_slow(seconds, former.seconds) else []),
            *(["too much read"] if answer.pages > most_pages else []),
            *(f"reads {table} whole" for table in answer.whole_tables),
        ]
        flaws += bool(told)
        say(
            f"| {name} | {place} | {answer.rows} | {seconds * 1000:.1f} ms | {former.seconds * 1000:.1f} ms "
            f"| {seconds / former.seconds:.2f} | {answer.pages} | {', '.join(told)} |"
        )
    say(
        f"\n{flaws} of {len(now)} pages are not as they should be (at most {most_pages} pages of 8 KiB)"
    )
    return not flaws


def _is_slow(seconds: float, before: float) -> bool:
    return seconds > MOST_RATIO * before and seconds - before > NOISE


def _quickest(name: str, place: str, seconds: float, before: float) -> float:
    """Asked again while it seems slow: it may be the machine."""
    for _ in range(TRIES):
        if not _is_slow(seconds, before):
            break
        seconds = min(seconds, _ask(TrailView.as_view(), QUESTIONS[name] | PLACES[place]).seconds)
    return seconds


def _ask(view: Any, question: dict[str, Any]) -> Asked:
    query = urlencode(question, doseq=True)

    def answer() -> Any:
        request = APIRequestFactory().get(f"/v1/audit/events?{query}")
        force_authenticate(request, user=ServiceUser(AUDITOR.id), token=AUDITOR)  # type: ignore[arg-type]
        return view(request).render()

    times, page = [], answer()
    if page.status_code != 200:
        raise RuntimeError(f"{query}: {page.status_code} {page.content!r}")
    for _ in range(TIMES):
        begun = time.perf_counter()
        answer()
        times.append(time.perf_counter() - begun)
    plan = _plan_of(answer)
    return Asked(
        rows=len(page.data["results"]),
        seconds=min(times),
        pages=plan["Shared Hit Blocks"] + plan["Shared Read Blocks"],
        whole_tables=tuple(sorted(set(_whole_tables(plan)))),
    )


def _plan_of(answer: Callable[[], Any]) -> dict[str, Any]:
    """What PostgreSQL does for the one query of a page, done once more."""
    with CaptureQueriesContext(connection) as queries:
        answer()
    (query,) = [
        each["sql"] for each in queries.captured_queries if "audit_authevent" in each["sql"]
    ]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {query}")
        ((root,),) = cursor.fetchone()
    plan: dict[str, Any] = root["Plan"]
    return plan


def _whole_tables(node: dict[str, Any]) -> Iterator[str]:
    seen = node.get("Actual Rows", 0) + node.get("Rows Removed by Filter", 0)
    if node["Node Type"] == "Seq Scan" and seen > LARGE:
        yield node["Relation Name"]
    for below in node.get("Plans", ()):
        yield from _whole_tables(below)
