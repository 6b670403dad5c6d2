"""The console's page of data keys."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.tests.browsers import sign_in_browser
from accounts.tests.factories import UserFactory
from authz.services.roles import grant_role
from authz.tests import shipped_rules
from config.jobs.models import Job
from config.vault import rewrapping
from config.vault.models import DataKey
from config.vault.tests.factories import a_note
from config.vault.tests.outage import KeyService

LIST = reverse("admin:vault_datakey_changelist")
REWRAP = reverse("admin:vault_datakey_rewrap")

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sealed_tables")]


def at_console(role: str) -> Client:
    shipped_rules.install()
    person = UserFactory.create()
    grant_role(user=person, role=role, granted_by=None, reason="test")
    return sign_in_browser(person)


def an_old_key() -> DataKey:
    """A data key that waits for the key-encryption key of now."""
    key = DataKey.objects.live().get(subject_id=a_note().owner)
    DataKey.objects.filter(pk=key.pk).update(kek_version="0")
    return key


def test_who_is_no_staff_sees_nothing() -> None:
    key = an_old_key()
    browser = sign_in_browser(UserFactory.create())
    for url in (LIST, REWRAP):
        answer = browser.get(url)
        assert answer.status_code != 200
        assert key.public_id not in answer.content.decode()


def test_keys_are_listed_by_whose_they_are_and_no_byte_of_them_is_shown() -> None:
    key = an_old_key()
    browser = at_console("support")
    shown = browser.get(LIST).content.decode()
    shown += browser.get(reverse("admin:vault_datakey_change", args=[key.pk])).content.decode()
    assert key.public_id in shown
    assert key.subject_id in shown
    assert bytes(key.wrapped or b"").hex() not in shown


def test_staff_find_those_under_an_older_key() -> None:
    old, new = an_old_key(), DataKey.objects.live().get(subject_id=a_note().owner)
    page = at_console("support").get(LIST, {"wrapped": "old"}).content.decode()
    assert old.public_id in page
    assert new.public_id not in page


def test_who_may_not_write_keys_cannot_begin_to_wrap_them_again() -> None:
    an_old_key()
    browser = at_console("support")
    assert browser.get(REWRAP).status_code == 403
    assert browser.post(REWRAP).status_code == 403
    assert "Re-wrap" not in browser.get(LIST).content.decode()
    assert not Job.objects.exists()


def test_the_page_says_how_many_wait_and_changes_nothing() -> None:
    an_old_key()
    waiting = rewrapping.pending()
    page = at_console("admin").get(REWRAP).content.decode()
    assert f"{waiting} data key" in page
    assert "csrfmiddlewaretoken" in page
    assert rewrapping.pending() == waiting
    assert not Job.objects.exists()


def test_the_button_has_the_workers_do_it() -> None:
    an_old_key()
    answer = at_console("admin").post(REWRAP, follow=True)
    job = Job.objects.get()
    assert (job.kind, job.owner_type) == (rewrapping.KIND, "user")
    assert f"{job.public_id} has begun." in answer.content.decode()


def test_a_foreign_page_cannot_press_it() -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = at_console("admin").cookies
    assert strict.post(REWRAP).status_code == 403
    assert not Job.objects.exists()


def test_with_the_key_service_away_the_page_says_so_and_begins_nothing(
    key_service: KeyService,
) -> None:
    browser = at_console("admin")
    key_service.leave()
    for answer in (browser.get(REWRAP, follow=True), browser.get(LIST, {"wrapped": "old"})):
        assert answer.status_code == 200
        assert "the vault&#x27;s local key is not base64" in answer.content.decode()
    assert not Job.objects.exists()
