"""Every list of the console, each filter and a search on it, a row, and the dashboard: asked, counted and timed."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.db import connection, models
from django.test import Client
from django.test.utils import (
    CaptureQueriesContext,
    setup_test_environment,
    teardown_test_environment,
)
from django.urls import reverse

from accounts.models import User
from accounts.services.console_link import ADMIN_EMAIL
from accounts.tests.browsers import sign_in_browser
from config.dashboard.span import USUAL
from config.http.console import ConsoleAdmin
from tests.proofs.trail_filled import say

GOAL = 0.3  # seconds of the server's time for a page
TIMES = 5
PLAN_LINES, SHOWN = 14, 25
ESTIMATING = 1  # query more, where a list has become too long to count


@dataclass(frozen=True)
class Asked:
    """A page: the processor's time for it and the time of its queries at the quickest, for whatever else the machine
    does only adds; how many queries it made, and the slowest of them.
    """

    drawing: float
    asking: float
    queries: int
    slowest: dict[str, str]

    @property
    def seconds(self) -> float:
        return self.drawing + self.asking


def pages(browser: Client) -> Iterator[tuple[str, str]]:
    """What it is, and where."""
    for span in USUAL:
        yield f"dashboard, {span}", f"/console/?span={span}"
    for page in admin.site._registry.values():
        if not isinstance(page, ConsoleAdmin):
            continue
        name = str(page.model._meta.verbose_name_plural)
        route = f"admin:{page.model._meta.app_label}_{page.model._meta.model_name}"
        path = reverse(f"{route}_changelist")
        yield name, path
        rows = page.model._default_manager.order_by("pk")
        row = rows[rows.count() // 2 :].first() if rows.exists() else None
        if row is None:
            continue
        yield f"{name}: one", reverse(f"{route}_change", args=[row.pk])
        yield from _narrowed(name, path, page, row, browser)


def asked(browser: Client, path: str, *, times: int = TIMES) -> Asked:
    """Asked again, so many times at most, while it seems slow. Raises AssertionError where the page does not open."""
    quickest = _asked_once(browser, path)
    while times > 1 and quickest.seconds > GOAL / 2:
        quickest = min(quickest, _asked_once(browser, path), key=lambda each: each.seconds)
        times -= 1
    return quickest


def _asked_once(browser: Client, path: str) -> Asked:
    begun = time.thread_time()
    with CaptureQueriesContext(connection) as captured:
        answer = browser.get(path)
    drawing = time.thread_time() - begun
    assert answer.status_code == 200, (path, answer.status_code)
    times = [float(query["time"]) for query in captured.captured_queries]
    slowest = max(captured.captured_queries, key=lambda query: float(query["time"]))
    return Asked(drawing, sum(times), len(captured), slowest)


def all_asked(*, times: int) -> dict[str, tuple[str, Asked]]:
    """By what it is, as the first administrator."""
    browser = sign_in_browser(User.objects.get(email=ADMIN_EMAIL))
    browser.defaults["HTTP_HOST"] = "localhost"
    setup_test_environment()  # so that an answer tells what its template was given
    found = [*pages(browser)]
    teardown_test_environment()  # and does not while it is timed
    return {name: (path, asked(browser, path, times=times)) for name, path in found}


def compared(before: dict[str, tuple[str, Asked]], now: dict[str, tuple[str, Asked]]) -> bool:
    """Whether each page is quick, and makes as many queries as among few rows; as a table on standard output."""
    slow, more, usual = [], [], _most_queries(before)
    for name, (path, answer) in now.items():
        if answer.seconds > GOAL:
            slow.append((name, path, answer))
        few = usual.get(_list_of(name), answer.queries)
        if answer.queries > few + ESTIMATING:
            more.append(f"{name}: {answer.queries} queries, {few} among few rows")
    slowest = sorted(now.items(), key=lambda item: -item[1][1].seconds)
    say(f"\n{len(now)} pages, {len(now) - len(slow)} within {GOAL * 1000:.0f} ms; the slowest:")
    say("| page | all | of it queries | queries |\n| --- | --- | --- | --- |")
    for name, (_, answer) in slowest[:SHOWN]:
        say(
            f"| {name} | {answer.seconds * 1000:.0f} ms | {answer.asking * 1000:.0f} ms "
            f"| {answer.queries} |"
        )
    for line in more:
        say(line)
    for name, path, answer in slow:
        say(f"\n{name}: {path}\n{answer.slowest['sql'][:600]}\n{_plan(answer.slowest['sql'])}")
    return not slow and not more


def _most_queries(answers: dict[str, tuple[str, Asked]]) -> dict[str, int]:
    """Of each list: what it shows decides whose names it looks up, and few rows may need none."""
    most: dict[str, int] = {}
    for name, (_, answer) in answers.items():
        most[_list_of(name)] = max(most.get(_list_of(name), 0), answer.queries)
    return most


def _list_of(name: str) -> str:
    return name.partition(",")[0]


def _narrowed(
    name: str, path: str, page: ConsoleAdmin, row: models.Model, browser: Client
) -> Iterator[tuple[str, str]]:
    """By each choice of each filter that the list offers, and by a search."""
    answer = browser.get(path)
    shown: Any = answer.context["cl"]
    for spec in shown.filter_specs:
        for choice in spec.choices(shown):
            if not choice["selected"]:
                yield f"{name}, {spec.title}: {choice['display']}", path + choice["query_string"]
    if page.search_fields:
        yield f"{name}, searched", f"{path}?q={_term(page, row)}"
        yield f"{name}, searched for nothing", f"{path}?q=nobody-of-this-name"


def _term(page: ConsoleAdmin, row: models.Model) -> str:
    """What one would type to find the row: the first eight letters of what is searched, or all of it."""
    lookup = page.search_fields[0]
    value: Any = row
    for part in lookup.removesuffix("__exact").split("__"):
        value = getattr(value, part)
    return str(value) if lookup.endswith("__exact") else str(value)[:8]


def _plan(sql: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS) {sql}")
        return "\n".join(line for (line,) in cursor.fetchall()[:PLAN_LINES])
