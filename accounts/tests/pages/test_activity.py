"""My account, Activity."""

import re
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from accounts.activity_words import SENTENCES, sentence_about
from accounts.models import User
from accounts.pages import activity
from accounts.services import profile
from accounts.tests.browsers import sign_in_browser
from accounts.tests.factories import UserFactory
from audit.models import AuthEvent
from audit.types import AuditType

PAGE = "/accounts/activity"
OF_NOBODY = (
    "authz.role.defined",
    "authz.role.removed",
    "authz.policy.",
    "authz.entity.",
    "client.",
    "key.",
    "webhook.",
    "event.",
    "audit.",
)
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ready")]


def text(answer: Any) -> str:
    return str(answer.content.decode())


def test_a_person_reads_what_happened_in_sentences(asha: User) -> None:
    profile.update(user=asha, changes={"name": "Asha R."})
    page = text(sign_in_browser(asha).get(PAGE))
    assert "The profile was changed" in page
    assert "account.updated" not in page


def test_times_are_on_the_person_s_clock(asha: User) -> None:
    User.objects.update(timezone="Asia/Tokyo")
    profile.update(user=asha, changes={"name": "Asha R."})
    at = AuthEvent.objects.get(event_type="account.updated").occurred_at
    page = text(sign_in_browser(asha).get(PAGE))
    assert f"{at.astimezone(ZoneInfo('Asia/Tokyo')):%Y, %H:%M}" in page


def test_others_read_nothing_of_it(asha: User) -> None:
    profile.update(user=asha, changes={"name": "Asha R."})
    assert "The profile was changed" not in text(sign_in_browser(UserFactory.create()).get(PAGE))
    assert Client().get(PAGE)["Location"] == "/accounts/sign-in?next=%2Faccounts%2Factivity"


def test_what_is_older_is_on_the_next_page(asha: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(activity, "ON_A_PAGE", 2)
    browser = sign_in_browser(asha)
    for name in "ABCD":
        profile.update(user=asha, changes={"name": name})
    seen = 0
    path: str | None = PAGE
    while path:
        page = text(browser.get(path))
        seen += page.count("The profile was changed")
        older = re.search(r'href="(\?before=[^"]+)"', page)
        path = f"{PAGE}{older[1]}" if older else None
    assert seen == 4


def test_a_place_that_was_never_given_out_is_the_start(asha: User) -> None:
    assert sign_in_browser(asha).get(f"{PAGE}?before=nonsense").status_code == 200


@pytest.mark.parametrize("kind", [kind for kind in AuditType if not kind.startswith(OF_NOBODY)])
def test_every_type_that_can_be_about_a_person_has_a_sentence(kind: AuditType) -> None:
    assert kind in SENTENCES


def test_a_type_of_a_newer_release_is_no_code_on_the_page() -> None:
    assert sentence_about("account.beamed_up") == "Something else changed"
