"""Staff begin a change of somebody's address; the person decides."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from accounts.models import EmailChange, Session, User
from accounts.models.user import UserStatus
from accounts.tests.console.conftest import AtConsole
from accounts.tests.factories import UserFactory
from accounts.tests.mailed import mailed_to
from audit.models import AuthEvent
from authz.services.roles import grant_role

pytestmark = pytest.mark.django_db
NEW, ASKED = "asha.rao@example.net", {"email": "asha.rao@example.net", "reason": "lost her mailbox"}


@pytest.fixture
def asha() -> User:
    user: User = UserFactory.create(email="asha@example.com")
    return user


def page_of(user: User) -> str:
    return reverse("admin:accounts_user_change_email_of", args=[user.pk])


def test_a_change_is_begun_with_a_reason(
    asha: User, at_console: AtConsole, django_capture_on_commit_callbacks: Any
) -> None:
    browser = at_console("support")
    assert (
        page_of(asha)
        in browser.get(reverse("admin:accounts_user_change", args=[asha.pk])).content.decode()
    )
    assert "required" in browser.post(page_of(asha), {"email": NEW}).content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        told = browser.post(page_of(asha), ASKED, follow=True).content.decode()
    assert "The link is on its way" in told
    assert len(mailed_to(NEW)) == len(mailed_to(asha.email)) == 1
    row = AuthEvent.objects.get(event_type="account.email.change_requested")
    assert (row.client_id, row.metadata) == (
        "console",
        {"user_id": asha.public_id, "reason": "lost her mailbox"},
    )
    asha.refresh_from_db()
    assert asha.email == "asha@example.com"
    assert EmailChange.objects.get().session is None


def test_it_wants_a_fresh_second_factor(asha: User, at_console: AtConsole) -> None:
    browser = at_console("support")
    Session.objects.update(auth_time=timezone.now() - timedelta(hours=1))
    assert "prove-yourself" in browser.post(page_of(asha), ASKED)["Location"]
    assert not EmailChange.objects.exists()


def test_nobody_changes_somebody_who_may_do_more(asha: User, at_console: AtConsole) -> None:
    browser = at_console("support")
    grant_role(user=asha, role="admin", granted_by=None, reason="test")
    assert "rights that you do not" in browser.post(page_of(asha), ASKED).content.decode()
    assert mail.outbox == []


def test_whoever_only_reads_begins_none(asha: User, at_console: AtConsole) -> None:
    assert at_console("compliance").post(page_of(asha), ASKED).status_code == 403
    assert not EmailChange.objects.exists()


def test_an_account_that_is_shut_is_not_offered_it(asha: User, at_console: AtConsole) -> None:
    User.objects.filter(pk=asha.pk).update(status=UserStatus.SUSPENDED)
    browser = at_console("support")
    story = browser.get(reverse("admin:accounts_user_change", args=[asha.pk])).content.decode()
    assert page_of(asha) not in story
    assert (
        "Only the address of an active account"
        in browser.post(page_of(asha), ASKED).content.decode()
    )
