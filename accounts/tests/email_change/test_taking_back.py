""" "It was not me": a change of address is stopped or undone from the old one."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import EmailChange, User
from accounts.services import email_change
from accounts.tasks import forget_expired
from accounts.tests.conftest import SignedIn, post
from accounts.tests.email_change.addresses import NEW, OLD, trail
from accounts.tests.factories import UserFactory
from accounts.tests.mailed import mailed_to, token_to
from events.models import OutboxEvent

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ready")]


def test_from_the_old_address_a_change_is_stopped(
    asha: SignedIn, ask: Any, confirm: Any, disown: Any
) -> None:
    ask()
    link = token_to(NEW)
    assert disown().status_code == 200
    assert asha.client.get("/v1/users/me").status_code == 401
    assert "reset-password" in mailed_to(OLD)[-1].body
    assert confirm(link).status_code == 400
    assert trail() == ["change_requested", "change_ended"]


def test_from_the_old_address_a_change_is_undone(
    asha: SignedIn, ask: Any, confirm: Any, disown: Any
) -> None:
    ask()
    confirm()
    post(APIClient(), "/v1/auth/password/reset-request", {"email": NEW})
    reset = token_to(NEW)
    assert "Your former address is back" in disown().content.decode()
    asha.user.refresh_from_db()
    assert asha.user.email == OLD
    assert asha.client.get("/v1/users/me").status_code == 401
    assert "reset-password" in mailed_to(OLD)[-1].body
    body = {"token": reset, "new_password": "seven quiet rivers run"}
    assert post(APIClient(), "/v1/auth/password/reset", body).status_code == 400
    assert trail() == ["change_requested", "changed", "restored"]
    assert OutboxEvent.objects.filter(event_type="user.email.changed.v1").count() == 2


def test_the_notice_of_before_the_change_is_good_no_longer(
    ask: Any, confirm: Any, disown: Any
) -> None:
    ask()
    before = token_to(OLD)
    confirm()
    assert disown(before).status_code == 400
    assert disown().status_code == 200
    assert disown().status_code == 400  # once


def test_after_some_days_a_change_stays(
    asha: SignedIn, ask: Any, confirm: Any, disown: Any
) -> None:
    ask()
    confirm()
    token = token_to(OLD)
    with time_machine.travel(timezone.now() + timedelta(days=4), tick=True):
        assert disown(token).status_code == 400
    asha.user.refresh_from_db()
    assert asha.user.email == NEW


def test_the_way_back_is_not_cut_by_another_change(ask: Any, confirm: Any, disown: Any) -> None:
    ask()
    confirm()
    answer = ask("third@example.com")
    assert answer.status_code == 409
    assert answer.json()["type"].endswith("/errors/email-changed-lately")
    assert disown().status_code == 200


def test_the_way_back_is_not_cut_by_a_new_account(
    ask: Any, confirm: Any, disown: Any, committed: Any
) -> None:
    ask()
    confirm()
    body = {"email": OLD.upper(), "password": "seven quiet rivers run", "name": "Somebody"}
    answer = committed(lambda: post(APIClient(), "/v1/auth/register", body))
    assert (answer.status_code, answer.json()) == (202, {"status": "pending_verification"})
    assert mail.outbox[-1].subject == "This address is kept for a while"
    assert User.objects.count() == 1
    mail.outbox.pop()
    assert disown().status_code == 200


def test_the_way_back_is_not_cut_by_another_persons_change(
    ask: Any, confirm: Any, committed: Any
) -> None:
    ask()
    confirm()
    ravi = UserFactory.create()
    committed(lambda: email_change.ask(user=ravi, email=OLD))
    assert mailed_to(OLD)[-1].subject == "This address is kept for a while"
    assert "token=" not in mailed_to(OLD)[-1].body


def test_a_link_of_before_does_not_take_an_address_that_is_kept(
    ask: Any, confirm: Any, committed: Any
) -> None:
    ravi = UserFactory.create()
    User.objects.filter(email=OLD).update(email="elsewhere@example.com")
    committed(lambda: email_change.ask(user=ravi, email=OLD))
    link = token_to(OLD)
    User.objects.filter(email="elsewhere@example.com").update(email=OLD)
    ask()
    confirm()
    answer = confirm(link)
    assert answer.status_code == 409
    assert answer.json()["type"].endswith("/errors/email-taken")


def test_a_way_back_that_somebody_stands_in_is_told(ask: Any, confirm: Any, disown: Any) -> None:
    ask()
    confirm()
    UserFactory.create(email=OLD)  # by a command, or a provider that vouches for it
    assert disown().status_code == 409
    assert User.objects.filter(email=NEW).exists()


def test_changes_are_forgotten_once_nothing_can_come_of_them(ask: Any, confirm: Any) -> None:
    ask()
    confirm()
    with time_machine.travel(timezone.now() + timedelta(days=2), tick=True):
        forget_expired()
    assert EmailChange.objects.exists()
    with time_machine.travel(timezone.now() + timedelta(days=4), tick=True):
        forget_expired()
    assert not EmailChange.objects.exists()


def test_a_token_whose_change_is_forgotten_is_good_for_nothing(
    ask: Any, confirm: Any, disown: Any
) -> None:
    ask()
    token = token_to(OLD)
    EmailChange.objects.all().delete()
    assert disown(token).status_code == 400
    assert confirm().status_code == 400


def test_a_token_of_one_purpose_does_not_serve_the_other(
    ask: Any, confirm: Any, disown: Any
) -> None:
    ask()
    assert confirm(token_to(OLD)).status_code == 400
    assert disown(token_to(NEW)).status_code == 400
    assert confirm().status_code == 200  # neither was used up
