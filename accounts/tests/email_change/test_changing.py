"""Another e-mail address: asked for with a fresh factor, confirmed from the new one."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import EmailChange, Session, User
from accounts.models.user import UserStatus
from accounts.services import email_change
from accounts.tests.conftest import SignedIn, SignIn, post
from accounts.tests.email_change.addresses import NEW, OLD, trail
from accounts.tests.factories import PASSWORD, UserFactory
from accounts.tests.mailed import mailed_to, token_to
from audit.models import AuthEvent
from events.models import OutboxEvent

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ready")]


def log_in(email: str) -> int:
    body = {"email": email, "password": PASSWORD}
    return int(post(APIClient(), "/v1/auth/login", body).status_code)


def test_a_change_wants_a_fresh_second_factor(sign_in: SignIn) -> None:
    answer = post(sign_in().client, "/v1/auth/email/change", {"email": NEW})
    assert answer.json()["type"].endswith("/errors/step-up-required")


def test_nothing_changes_before_the_new_address_has_confirmed(
    asha: SignedIn, ask: Any, confirm: Any
) -> None:
    answer = ask()
    assert (answer.status_code, answer.json()) == (202, {"status": "pending_confirmation"})
    assert [each.to for each in mail.outbox] == [[NEW], [OLD]]
    asha.user.refresh_from_db()
    assert asha.user.email == OLD
    assert not OutboxEvent.objects.filter(event_type="user.email.changed.v1").exists()

    assert confirm().json()["email"] == NEW
    asha.user.refresh_from_db()
    assert asha.user.email == NEW
    assert (log_in(NEW), log_in(OLD)) == (200, 401)
    assert OutboxEvent.objects.get(event_type="user.email.changed.v1").data == {
        "user_id": asha.user.public_id
    }
    assert trail() == ["change_requested", "changed"]


def test_neither_the_trail_nor_receivers_are_told_an_address(ask: Any, confirm: Any) -> None:
    ask()
    confirm()
    rows = AuthEvent.objects.filter(event_type__startswith="account.email")
    told = " ".join(str(row.metadata) for row in rows)
    told += " ".join(
        str(row.data) for row in OutboxEvent.objects.exclude(event_type="user.created.v1")
    )
    assert OLD not in told
    assert NEW not in told


def test_the_link_works_once(ask: Any, confirm: Any) -> None:
    ask()
    token = token_to(NEW)
    assert confirm(token).status_code == 200
    again = confirm(token)
    assert again.status_code == 400
    assert again.json()["type"].endswith("/errors/invalid-single-use-token")


def test_the_link_runs_out(asha: SignedIn, ask: Any, confirm: Any) -> None:
    ask()
    token = token_to(NEW)
    with time_machine.travel(timezone.now() + timedelta(hours=2), tick=True):
        assert confirm(token).status_code == 400
    asha.user.refresh_from_db()
    assert asha.user.email == OLD


def test_the_newest_link_replaces_the_one_before(ask: Any, confirm: Any) -> None:
    ask()
    first = token_to(NEW)
    ask("third@example.com")
    assert confirm(first).status_code == 400
    assert confirm(token_to("third@example.com")).json()["email"] == "third@example.com"
    assert trail() == ["change_requested", "change_ended", "change_requested", "changed"]


def test_a_link_that_comes_after_another_was_asked_for_is_not_mailed(
    asha: SignedIn, ask: Any
) -> None:
    ask()
    earlier = EmailChange.objects.get()
    ask("third@example.com")
    mail.outbox.clear()
    email_change.send_link(change=EmailChange.objects.get(pk=earlier.pk))
    assert mail.outbox == []


def test_every_session_ends_but_the_one_that_asked(
    asha: SignedIn, sign_in: SignIn, ask: Any, confirm: Any
) -> None:
    phone = Session.objects.create(
        **{
            field.attname: getattr(Session.objects.get(), field.attname)
            for field in Session._meta.concrete_fields
            if field.name != "id"
        }
    )
    ask()
    confirm()
    assert asha.client.get("/v1/users/me").json()["email"] == NEW
    phone.refresh_from_db()
    assert phone.end_reason == "email_change"


def test_what_was_mailed_to_the_old_address_is_good_no_longer(ask: Any, confirm: Any) -> None:
    post(APIClient(), "/v1/auth/password/reset-request", {"email": OLD})
    reset = token_to(OLD)
    ask()
    confirm()
    body = {"token": reset, "new_password": "seven quiet rivers run"}
    assert post(APIClient(), "/v1/auth/password/reset", body).status_code == 400


def test_a_known_address_gets_the_same_answer_and_a_mail_that_says_so(
    asha: SignedIn, ask: Any
) -> None:
    ravi = UserFactory.create(email="Ravi@Example.com", locale="hi")
    answer = ask("ravi@example.com")
    assert (answer.status_code, answer.json()) == (202, {"status": "pending_confirmation"})
    (told,) = mailed_to(ravi.email)
    assert "token=" not in told.body
    assert len(mailed_to(OLD)) == 1


def test_a_known_address_takes_the_work_of_an_unknown_one(asha: SignedIn, ask: Any) -> None:
    UserFactory.create(email="ravi@example.com")

    def statements(email: str) -> list[str]:
        with CaptureQueriesContext(connection) as queries:
            post(asha.client, "/v1/auth/email/change", {"email": email})
        sent = [re.split(r"[(=]|WHERE", query["sql"])[0] for query in queries]
        return [each for each in sent if "SAVEPOINT" not in each]  # whose names are drawn

    ask("once@example.com")  # what is loaded once is loaded, and one is replaced each time
    unknown = statements("nobody@example.com")
    assert statements("ravi@example.com") == unknown
    assert unknown


@pytest.mark.parametrize("email", [OLD, OLD.upper()])
def test_ones_own_address_is_no_change(ask: Any, email: str) -> None:
    answer = ask(email)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["code"] == "unchanged"
    assert mail.outbox == []


@pytest.mark.parametrize("body", [{"email": "nonsense"}, {}, {"email": NEW, "user_id": "x"}])
def test_a_question_that_is_not_right_is_refused(asha: SignedIn, body: dict[str, Any]) -> None:
    assert post(asha.client, "/v1/auth/email/change", body).status_code == 400


def test_it_is_asked_for_five_times_an_hour(asha: SignedIn) -> None:
    statuses = [
        post(asha.client, "/v1/auth/email/change", {"email": f"a{n}@example.net"}).status_code
        for n in range(6)
    ]
    assert statuses == [202] * 5 + [429]


def test_a_change_is_withdrawn(asha: SignedIn, ask: Any, confirm: Any) -> None:
    ask()
    assert asha.client.delete("/v1/auth/email/change").status_code == 204
    assert confirm().status_code == 400
    assert asha.client.delete("/v1/auth/email/change").status_code == 204
    assert trail() == ["change_requested", "change_ended"]


def test_somebody_shut_out_meanwhile_gets_no_new_address(
    asha: SignedIn, ask: Any, confirm: Any
) -> None:
    ask()
    User.objects.update(status=UserStatus.SUSPENDED)
    assert confirm().status_code == 400
    assert User.objects.get().email == OLD


def test_allauth_holds_no_address_beside_ours(ask: Any, confirm: Any) -> None:
    ask()
    confirm()
    assert not EmailAddress.objects.exists()
