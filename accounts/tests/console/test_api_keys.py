"""The console's page of API keys."""

import pytest
from django.urls import reverse

from accounts.models import ApiKey
from accounts.services import api_keys
from accounts.tests.console.conftest import AtConsole
from accounts.tests.factories import UserFactory
from audit.models import AuthEvent

KEYS = reverse("admin:accounts_apikey_changelist")
pytestmark = pytest.mark.django_db


def make_key(name: str = "Nightly report") -> ApiKey:
    return api_keys.create(
        user=UserFactory.create(), name=name, scopes=["me:read"], networks=["203.0.113.0/24"]
    ).key


def test_staff_see_whose_keys_there_are_and_nothing_that_opens_anything(
    at_console: AtConsole,
) -> None:
    browser, key = at_console("support"), make_key()
    page = browser.get(KEYS).content.decode()
    assert key.name in page
    assert key.user.email in page
    one = browser.get(reverse("admin:accounts_apikey_change", args=[key.pk])).content.decode()
    assert "203.0.113.0/24" in one
    assert bytes(key.digest).hex() not in page + one
    assert "addlink" not in page


def test_a_persons_page_lists_the_keys_that_work_or_ran_out(at_console: AtConsole) -> None:
    browser, key = at_console("support"), make_key("Still there")
    gone = api_keys.create(user=key.user, name="No more", scopes=["me:read"]).key
    api_keys.revoke(key=gone, reason="test")
    make_key("Somebody else's")
    page = browser.get(reverse("admin:accounts_user_change", args=[key.user.pk])).content.decode()
    assert "Still there" in page
    assert reverse("admin:accounts_apikey_change", args=[key.pk]) in page
    assert reverse("admin:accounts_apikey_change", args=[gone.pk]) not in page
    assert "Somebody else" not in page


def test_revoking_wants_a_reason_and_is_on_the_trail(at_console: AtConsole) -> None:
    browser, key = at_console("admin"), make_key()
    body = {"action": "revoke", "_selected_action": [str(key.pk)]}
    assert "Reason" in browser.post(KEYS, body).content.decode()
    assert ApiKey.objects.working().exists()
    browser.post(KEYS, {**body, "reason": "found in a public repository"})
    assert not ApiKey.objects.working().exists()
    row = AuthEvent.objects.get(event_type="account.api_key.revoked")
    assert row.metadata["reason"] == "found in a public repository"
    assert row.client_id == "console"


def test_whoever_only_reads_cannot_revoke(at_console: AtConsole) -> None:
    key = make_key()
    at_console("compliance").post(
        KEYS, {"action": "revoke", "_selected_action": [str(key.pk)], "reason": "no right"}
    )
    assert ApiKey.objects.working().exists()


def test_the_list_is_filtered_by_state(at_console: AtConsole) -> None:
    browser = at_console("support")
    make_key("Still working")
    api_keys.revoke(key=make_key("No more"), reason="test")
    working = browser.get(KEYS, {"state": "working"}).content.decode()
    revoked = browser.get(KEYS, {"state": "revoked"}).content.decode()
    assert ("Still working" in working, "No more" in working) == (True, False)
    assert ("Still working" in revoked, "No more" in revoked) == (False, True)
    assert "Still working" not in browser.get(KEYS, {"state": "expired"}).content.decode()
