"""The outbox on the console: to look at, not to change."""

import pytest
from django.test import Client
from django.utils import timezone

from events.models import OutboxEvent
from events.tests.factories import OutboxEventFactory
from events.tests.staff import browser_of

LIST = "/console/events/outboxevent/"

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> Client:
    browser = browser_of("admin")
    OutboxEvent.objects.all().delete()  # what making the person has emitted
    return browser


def ids_on(browser: Client, query: str) -> set[str]:
    """The ids of the rows that the list shows for `query`."""
    response = browser.get(LIST + query)
    assert response.status_code == 200
    return {row.public_id for row in response.context["cl"].result_list}


def test_staff_see_what_waits_and_what_went_out(admin: Client) -> None:
    waiting, sent = OutboxEventFactory.create(), OutboxEventFactory.create(sent_at=timezone.now())
    assert ids_on(admin, "") == {waiting.public_id, sent.public_id}
    assert ids_on(admin, "?state=pending") == {waiting.public_id}
    assert ids_on(admin, "?state=sent") == {sent.public_id}


def test_an_event_is_found_by_its_id_and_by_what_it_is_about(admin: Client) -> None:
    wanted, _ = OutboxEventFactory.create_batch(2)
    assert ids_on(admin, f"?q={wanted.public_id}") == {wanted.public_id}
    assert ids_on(admin, f"?q={wanted.aggregate_id}") == {wanted.public_id}
    assert ids_on(admin, f"?q={wanted.aggregate_id[:-1]}") == set()


def test_an_event_has_a_page_and_nothing_on_it_can_be_changed(admin: Client) -> None:
    row = OutboxEventFactory.create(data={"number": 5_417})
    page = f"{LIST}{row.pk}/change/"
    assert "5417" in admin.get(page).content.decode()
    assert admin.post(page, {"error": "x"}).status_code == 403
    assert admin.post(f"{LIST}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    assert admin.get(f"{LIST}add/").status_code == 403
    row.refresh_from_db()
    assert row.error == ""


def test_people_without_the_scope_see_nothing() -> None:
    assert browser_of("user").get(LIST).status_code in (302, 403)
    assert Client().get(LIST).status_code == 302
