"""The trail on the console: to look at, never to change."""

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from audit.models import AuthEvent
from audit.services.checkpoints import sign_all
from audit.tests.factories import AuthEventFactory, new_session
from audit.types import AuditType, Outcome
from authz.models import Role
from config.http import estimated_pages
from config.ids import new_uuid
from events.tests.staff import browser_of

LIST = "/console/audit/authevent/"
LOOK = "console.viewed"

pytestmark = pytest.mark.django_db


@pytest.fixture
def auditor() -> Client:
    return browser_of("compliance")


def ids_on(browser: Client, query: str) -> set[str]:
    """The ids of the rows that the list shows for `query`."""
    response = browser.get(LIST + query)
    assert response.status_code == 200
    return {row.public_id for row in response.context["cl"].result_list}


def test_the_newest_rows_come_first(auditor: Client) -> None:
    AuthEventFactory.create_batch(3)
    shown = [row.public_id for row in auditor.get(LIST).context["cl"].result_list]
    assert shown == [row.public_id for row in AuthEvent.objects.newest_first()]


def test_filters_narrow_the_list(auditor: Client) -> None:
    failed = AuthEventFactory.create(event_type=AuditType.SIGN_IN_FAILED, outcome=Outcome.FAILURE)
    risky = AuthEventFactory.create(event_type=AuditType.SESSION_ANOMALY, risk_score=75)
    assert failed.public_id in ids_on(auditor, "?type=auth.*")
    assert risky.public_id not in ids_on(auditor, "?type=auth.*")
    assert ids_on(auditor, "?type=auth.login.failed") == {failed.public_id}
    assert ids_on(auditor, "?outcome__exact=failure") == {failed.public_id}
    assert ids_on(auditor, "?risk=70") == {risky.public_id}
    assert ids_on(auditor, "?risk=90") == set()


def test_a_filter_that_somebody_made_up_does_no_harm(auditor: Client) -> None:
    row = AuthEventFactory.create()
    assert row.public_id in ids_on(auditor, "?risk=high")
    assert ids_on(auditor, "?type=nothing") == set()


@pytest.mark.parametrize("how", ["usr", "ses", "evt", "address", "network"])
def test_a_row_is_found_by_what_names_it(auditor: Client, how: str) -> None:
    row = AuthEventFactory.create(session_id=new_session(), ip="198.51.100.9")
    AuthEventFactory.create(session_id=new_session(), ip="192.0.2.1")
    term = {
        "usr": row.subject_user_id,
        "ses": row.session_id,
        "evt": row.public_id,
        "address": " 198.51.100.9 ",
        "network": "198.51.100.0/24",
    }[how]
    response = auditor.get(LIST, {"q": term})
    found = [each for each in response.context["cl"].result_list if each.event_type != LOOK]
    assert [each.public_id for each in found] == [row.public_id]


def test_what_names_nothing_finds_nothing(auditor: Client) -> None:
    AuthEventFactory.create()
    assert ids_on(auditor, "?q=somebody@example.com") == set()


def test_a_row_has_a_page_and_nothing_on_it_can_be_changed(auditor: Client) -> None:
    row = AuthEventFactory.create(metadata={"number": 5_417})
    page = f"{LIST}{row.pk}/change/"
    assert "5417" in auditor.get(page).content.decode()
    assert auditor.post(page, {"outcome": "failure"}).status_code == 403
    assert auditor.post(f"{LIST}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    assert auditor.get(f"{LIST}add/").status_code == 403


def test_people_without_the_scope_see_nothing() -> None:
    assert browser_of("user").get(LIST).status_code in (302, 403)


def test_a_large_trail_is_estimated_and_a_small_one_counted(
    auditor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    AuthEventFactory.create_batch(30)
    auditor.get(LIST)  # a look is a row itself, once in a minute
    exact = AuthEvent.objects.count()
    assert auditor.get(LIST).context["cl"].result_count == exact
    monkeypatch.setattr(estimated_pages, "COUNTED_EXACTLY", 10)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE audit_authevent")
    estimate = auditor.get(LIST).context["cl"].result_count
    assert exact * 0.5 < estimate < exact * 2


def test_a_list_that_is_not_counted_says_that_there_is_more(
    auditor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    AuthEventFactory.create_batch(12)
    narrowed = {"outcome__exact": "success"}
    assert " results" in auditor.get(LIST, narrowed).content.decode()
    monkeypatch.setattr(estimated_pages, "COUNTED_EXACTLY", 10)
    page = " ".join(auditor.get(LIST, narrowed).content.decode().split())
    assert "more than 10 results" in page
    assert f"more than 10 {AuthEvent._meta.verbose_name_plural}" in page
    auditor.cookies["language"] = "hi"
    assert "10 से ज़्यादा" in auditor.get(LIST, narrowed).content.decode()


def test_pages_so_deep_that_they_would_be_slow_are_not_offered(
    auditor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    AuthEventFactory.create_batch(120)
    monkeypatch.setattr(estimated_pages, "LAST_PAGE", 2)
    assert auditor.get(LIST, {"p": 2}).status_code == 200
    assert auditor.get(LIST, {"p": 3}).status_code == 302


def test_an_events_page_leads_to_its_proof(auditor: Client) -> None:
    row = AuthEventFactory.create()
    proof = reverse("admin:audit_authevent_proof", args=[row.pk])
    assert proof in auditor.get(f"{LIST}{row.pk}/change/").content.decode()
    assert "No checkpoint tells of the event yet" in auditor.get(proof).content.decode()
    sign_all()
    assert f"{LIST}{row.pk}/proof.json" in auditor.get(proof).content.decode()
    answer = auditor.get(f"{LIST}{row.pk}/proof.json")
    assert answer["Content-Disposition"] == f'attachment; filename="proof-{row.public_id}.json"'
    assert str(row.event_id) in answer.json()["event"]


def test_a_proof_is_for_who_reads_the_trail(auditor: Client) -> None:
    row = AuthEventFactory.create()
    unsigned = auditor.get(f"{LIST}{row.pk}/proof.json", follow=True)
    assert "No checkpoint tells of the event yet" in unsigned.content.decode()
    page = reverse("admin:audit_authevent_proof", args=[row.pk])
    file = reverse("admin:audit_authevent_proof_file", args=[row.pk])
    nobodys = reverse("admin:audit_authevent_proof", args=[new_uuid()])
    assert auditor.get(nobodys).status_code == 404
    Role.objects.create(name="desk", scopes=["console:access"])
    outsider = browser_of("desk")
    for address in (page, file):
        assert outsider.get(address).status_code == 403
