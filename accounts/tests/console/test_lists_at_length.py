"""Lists that may be long are filtered and searched by their indexes."""

from collections.abc import Iterable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Session, User
from accounts.models.session import EndReason
from accounts.tests.console.conftest import AtConsole
from accounts.tests.factories import UserFactory
from authz.admin import role as role_page
from authz.services.roles import grant_role
from config.http import console_values
from config.http.console_values import values_in
from config.http.estimated_pages import Counted
from config.jobs.models import Job
from config.jobs.tests.factories import JobFactory

pytestmark = pytest.mark.django_db
JOBS = reverse("admin:jobs_job_changelist")


def plan_of(rows: Any) -> str:
    """By what PostgreSQL would look for `rows`, if reading the whole table were no choice."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    return str(rows.explain())


def test_the_values_of_a_column_are_found_one_by_one() -> None:
    for kind in ("b.two", "a.one", "b.two", "c.three"):
        JobFactory.create(kind=kind)
    with CaptureQueriesContext(connection) as queries:
        assert values_in(Job.objects.all(), "kind") == ["a.one", "b.two", "c.three"]
    assert len(queries) == 4
    assert not any("DISTINCT" in query["sql"] for query in queries)


def test_of_very_many_values_some_are_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console_values, "MOST", 2)
    for kind in ("a", "b", "c"):
        JobFactory.create(kind=kind)
    assert values_in(Job.objects.all(), "kind") == ["a", "b"]


def test_no_value_of_a_long_table_is_looked_for_in_all_of_it(at_console: AtConsole) -> None:
    browser = at_console("admin")
    lists: Iterable[str] = ("jobs_job", "vault_datakey", "authz_decisionrecord")
    for name in lists:
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(reverse(f"admin:{name}_changelist")).status_code == 200
        assert not any("SELECT DISTINCT" in query["sql"] for query in queries), name


def test_a_job_is_found_by_its_id_its_owner_and_its_request(at_console: AtConsole) -> None:
    asha = UserFactory.create()
    of_asha = JobFactory.create(owner_type="user", owner_id=asha.public_id, request_id="req-1")
    of_ticker = JobFactory.create(owner_type="service", owner_id="ticker", request_id="req-2")
    browser = at_console("admin")

    def found(term: str) -> set[str]:
        rows = browser.get(JOBS, {"q": term}).context["cl"].result_list
        return {row.public_id for row in rows}

    assert (
        found(of_asha.public_id) == found(asha.public_id) == found("req-1") == {of_asha.public_id}
    )
    assert found("ticker") == found(" req-2 ") == {of_ticker.public_id}
    assert found("nobody") == set()


def test_the_searches_of_jobs_have_their_indexes() -> None:
    owned = Job.objects.filter(owner_type__in=["user", "service"], owner_id="ticker")
    assert "job_by_owner" in plan_of(owned.order_by())
    assert "job_by_request" in plan_of(Job.objects.filter(request_id="req-1").order_by())


def test_sessions_of_a_rare_end_have_their_index() -> None:
    rare = Session.objects.filter(end_reason__exact=EndReason.REUSE).order_by("-id")
    assert "session_by_rare_end" in plan_of(rare)


def test_whoever_holds_a_role_is_found_by_the_key_of_the_role() -> None:
    with CaptureQueriesContext(connection) as queries:
        assert not User.objects.with_role("nobody-has-it").exists()
        list(User.objects.with_role("admin"))
    assert 'authz_role"."name' not in queries[-1]["sql"]


def test_decisions_are_filtered_by_the_ways_that_there_are(at_console: AtConsole) -> None:
    path = reverse("admin:authz_decisionrecord_changelist")
    page = at_console("admin").get(path, {"source": "authzen"})
    assert page.status_code == 200
    assert "?source=internal" in page.content.decode()


def test_who_holds_a_role_is_counted_as_far_as_it_takes_no_time(
    at_console: AtConsole, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = at_console("admin")
    for _ in range(3):
        grant_role(user=UserFactory.create(), role="trader", granted_by=None, reason="test")
    path = reverse("admin:authz_role_changelist")
    assert ">3<" in browser.get(path).content.decode().replace(" ", "").replace("\n", "")
    monkeypatch.setattr(role_page, "MOST_COUNTED", 2)
    assert "&gt; 2" in browser.get(path).content.decode()


def test_show_all_is_offered_where_something_is_left_out(at_console: AtConsole) -> None:
    JobFactory.create_batch(3, request_id="req-1")
    JobFactory.create_batch(2, request_id="req-2")
    browser = at_console("admin")
    assert "Show all" not in browser.get(JOBS).content.decode()
    narrowed = " ".join(browser.get(JOBS, {"q": "req-1"}).content.decode().split())
    assert "3 results" in narrowed
    assert "Show all" in narrowed


def test_a_thousand_rows_have_their_comma() -> None:
    assert str(Counted(5270)) == "5,270"
    assert Counted(5270) == 5270
