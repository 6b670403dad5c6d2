"""Changing a password, and getting back in without one."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models.user import UserStatus
from accounts.tests.conftest import SignedIn, SignIn, post
from accounts.tests.factories import PASSWORD, UserFactory
from accounts.tests.second_factor import enrol
from audit.models import AuthEvent
from events.models import OutboxEvent

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ready")]
NEW = "a wholly other staple of horses"


def change(asha: SignedIn, current: str = PASSWORD, new: str = NEW) -> Any:
    body = {"current_password": current, "new_password": new}
    return post(asha.client, "/v1/auth/password/change", body)


def ask_for_reset(email: str) -> str:
    answer = post(APIClient(), "/v1/auth/password/reset-request", {"email": email})
    assert (answer.status_code, answer.json()) == (202, {"status": "accepted"})
    found = re.search(r"token=(\S+)", str(mail.outbox[-1].body)) if mail.outbox else None
    return found[1] if found else ""


def reset(token: str, new: str = NEW) -> Any:
    return post(APIClient(), "/v1/auth/password/reset", {"token": token, "new_password": new})


def test_a_change_wants_a_fresh_second_factor(sign_in: SignIn) -> None:
    assert change(sign_in()).json()["type"].endswith("/errors/step-up-required")


def test_a_change_ends_the_other_sessions_and_tells_the_person(
    sign_in: SignIn, django_capture_on_commit_callbacks: Any
) -> None:
    asha = sign_in()
    phone = sign_in(asha.user)
    enrol(asha)
    with django_capture_on_commit_callbacks(execute=True):
        assert change(asha).json() == {"sessions_revoked": 1}
    assert phone.client.get("/v1/users/me").status_code == 401
    assert asha.client.get("/v1/users/me").status_code == 200
    assert mail.outbox[-1].to == [asha.user.email]
    assert AuthEvent.objects.filter(event_type="account.password.changed").count() == 1
    assert (
        OutboxEvent.objects.get(event_type="user.credentials.changed.v1").data["credential"]
        == "password"
    )


def test_the_current_password_must_be_right(sign_in: SignIn) -> None:
    asha = sign_in()
    enrol(asha)
    answer = change(asha, current="not it at all")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "current_password")


def test_the_new_password_must_meet_the_rules(sign_in: SignIn) -> None:
    asha = sign_in()
    enrol(asha)
    answer = change(asha, new="short")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "new_password")


def test_the_mailed_token_sets_a_new_password_once_and_ends_every_session(sign_in: SignIn) -> None:
    asha = sign_in()
    token = ask_for_reset(asha.user.email)
    assert reset(token).json() == {"sessions_revoked": 1}
    assert asha.client.get("/v1/users/me").status_code == 401
    assert reset(token).status_code == 400
    login = post(APIClient(), "/v1/auth/login", {"email": asha.user.email, "password": NEW})
    assert login.status_code == 200


def test_a_reset_leaves_the_second_factor_in_place(sign_in: SignIn) -> None:
    asha = sign_in()
    enrol(asha)
    assert reset(ask_for_reset(asha.user.email)).status_code == 200
    answer = post(APIClient(), "/v1/auth/login", {"email": asha.user.email, "password": NEW})
    assert answer.json()["status"] == "mfa_required"


def test_an_unacceptable_password_does_not_use_the_token_up() -> None:
    token = ask_for_reset(UserFactory.create(password=PASSWORD).email)
    assert reset(token, new="short").json()["errors"][0]["field"] == "new_password"
    assert reset(token).status_code == 200


COMPOSED, DECOMPOSED = (
    "caf\u00e9 cr\u00e8me br\u00fbl\u00e9e",
    "cafe\u0301 cre\u0300me bru\u0302le\u0301e",
)


@pytest.mark.parametrize(("chosen", "typed"), [(COMPOSED, DECOMPOSED), (DECOMPOSED, COMPOSED)])
def test_a_password_chosen_in_one_unicode_form_opens_in_the_other(
    sign_in: SignIn, chosen: str, typed: str
) -> None:
    asha = sign_in()
    enrol(asha)
    assert change(asha, new=chosen).status_code == 200
    assert change(asha, current=typed, new=NEW).status_code == 200
    assert reset(ask_for_reset(asha.user.email), new=chosen).status_code == 200
    login = post(APIClient(), "/v1/auth/login", {"email": asha.user.email, "password": typed})
    assert login.status_code == 200


def test_a_password_is_as_long_as_it_is_when_composed() -> None:
    token = ask_for_reset(UserFactory.create(password=PASSWORD).email)
    assert reset(token, new="e\u0301" * 11).json()["errors"][0]["code"] == "password_too_short"
    assert reset(token, new="e\u0301" * 6 + "o\u0308" * 6).status_code == 200


def test_a_token_is_good_for_thirty_minutes() -> None:
    token = ask_for_reset(UserFactory.create(password=PASSWORD).email)
    with time_machine.travel(timezone.now() + timedelta(minutes=30, seconds=1)):
        assert reset(token).status_code == 400


def test_a_newer_token_ends_an_older_one() -> None:
    user = UserFactory.create(password=PASSWORD)
    old, new = ask_for_reset(user.email), ask_for_reset(user.email)
    assert reset(old).status_code == 400
    assert reset(new).status_code == 200


@pytest.mark.parametrize(
    "status", [UserStatus.SUSPENDED, UserStatus.DEACTIVATED, UserStatus.ERASED]
)
def test_an_account_that_may_not_sign_in_gets_no_mail(status: UserStatus) -> None:
    assert ask_for_reset(UserFactory.create(password=PASSWORD, status=status).email) == ""


def test_an_unknown_address_gets_no_mail_and_the_same_answer() -> None:
    assert ask_for_reset("nobody@example.com") == ""


def test_a_reset_ends_the_delay_after_many_failures() -> None:
    user = UserFactory.create(password=PASSWORD)
    for _ in range(6):
        post(APIClient(), "/v1/auth/login", {"email": user.email, "password": "not the password"})
    reset(ask_for_reset(user.email))
    assert (
        post(APIClient(), "/v1/auth/login", {"email": user.email, "password": NEW}).status_code
        == 200
    )


def test_the_page_behind_the_link_names_what_is_wrong_and_keeps_the_link_good(client: Any) -> None:
    user = UserFactory.create(password=PASSWORD)
    token = ask_for_reset(user.email)
    page = client.get("/accounts/reset-password", {"token": token})
    assert token in page.content.decode()
    refused = client.post("/accounts/reset-password", {"token": token, "new_password": "short"})
    assert "too short" in refused.content.decode()
    assert (
        client.post("/accounts/reset-password", {"token": token, "new_password": NEW}).status_code
        == 200
    )
    assert (
        client.post("/accounts/reset-password", {"token": token, "new_password": NEW}).status_code
        == 400
    )
