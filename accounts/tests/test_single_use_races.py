"""Of many requests that bring the same thing that works once, one gets what it is for."""

import re
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import Session, SingleUseToken, User
from accounts.models.single_use_token import TokenPurpose
from accounts.services import console_link, email_change, single_use_tokens
from accounts.tests.conftest import SignIn, post
from accounts.tests.factories import PASSWORD, UserFactory
from accounts.tests.mailed import token_to
from accounts.tests.second_factor import code_of, enrol
from audit.models import AuthEvent
from tests.racing import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("ready")]

THREADS = 20
NEW_PASSWORD = "seven quiet rivers run"


def mailed_token() -> str:
    found = re.search(r"token=(\S+)", str(mail.outbox[-1].body))
    assert found
    return found[1]


def statuses(path: str, body: dict[str, Any]) -> list[int]:
    """How the same request is answered in each of twenty threads, in order of the number."""
    answers = at_once(*[lambda: post(APIClient(), path, body).status_code] * THREADS)
    return sorted(answers)


def test_an_address_is_verified_by_one_of_twenty_clicks() -> None:
    asha = {"email": "asha@example.com", "password": PASSWORD, "name": "Asha Rao"}
    post(APIClient(), "/v1/auth/register", asha)

    assert statuses("/v1/auth/email/verify", {"token": mailed_token()}) == [200] + [400] * 19
    assert AuthEvent.objects.filter(event_type="account.updated").count() == 1


def test_a_reset_token_sets_one_password() -> None:
    user = UserFactory.create(password=PASSWORD)
    post(APIClient(), "/v1/auth/password/reset-request", {"email": user.email})
    body = {"token": mailed_token(), "new_password": NEW_PASSWORD}

    assert statuses("/v1/auth/password/reset", body) == [200] + [400] * 19
    assert User.objects.get().check_password(NEW_PASSWORD)
    assert AuthEvent.objects.filter(event_type="account.password.reset").count() == 1


def test_a_challenge_and_its_code_begin_one_session(sign_in: SignIn) -> None:
    asha = sign_in()
    secret = enrol(asha)
    begun = Session.objects.count()
    asked = post(
        APIClient(), "/v1/auth/login", {"email": asha.user.email, "password": PASSWORD}
    ).json()
    body = {"mfa_token": asked["mfa_token"], "code": code_of(secret, steps=1)}

    assert statuses("/v1/auth/mfa/verify", body).count(200) == 1
    assert Session.objects.count() == begun + 1


def test_a_challenge_allows_its_tries_and_no_more_however_they_come(
    sign_in: SignIn, environment: Any
) -> None:
    environment(mfa_token_attempts=3, login_free_failures=100)
    asha = sign_in()
    enrol(asha)
    asked = post(
        APIClient(), "/v1/auth/login", {"email": asha.user.email, "password": PASSWORD}
    ).json()
    body = {"mfa_token": asked["mfa_token"], "code": "abcde-fghjk"}

    answers = at_once(
        *[lambda: post(APIClient(), "/v1/auth/mfa/verify", body).json()["type"]] * THREADS
    )

    looked_at = [answer for answer in answers if answer.endswith("/errors/invalid-code")]
    assert len(looked_at) == 3


def test_a_console_link_opens_one_browser() -> None:
    token = console_link.issue(user=console_link.ensure_admin()).partition("token=")[2]

    answers = at_once(
        *[lambda: Client().post("/console/sign-in-link", {"token": token}).status_code] * THREADS
    )

    assert answers.count(302) == 1
    assert answers.count(400) == THREADS - 1


def test_a_token_is_good_for_its_own_purpose_alone() -> None:
    user = UserFactory.create(password=PASSWORD)
    token = single_use_tokens.issue(
        user=user, purpose=TokenPurpose.EMAIL_VERIFICATION, lifetime=600
    )

    body = {"token": token, "new_password": NEW_PASSWORD}
    assert post(APIClient(), "/v1/auth/password/reset", body).status_code == 400
    assert Client().post("/console/sign-in-link", {"token": token}).status_code == 400
    assert SingleUseToken.objects.get().used_at is None


def test_of_two_people_who_confirm_one_address_one_gets_it() -> None:
    people = UserFactory.create_batch(2)
    tokens = []
    for person in people:
        email_change.ask(user=person, email="wanted@example.com")
        tokens.append(token_to("wanted@example.com"))
    path = "/v1/auth/email/change/confirm"

    answers = at_once(
        *[
            lambda token=token: post(APIClient(), path, {"token": token}).status_code
            for token in tokens
        ]
    )

    assert sorted(answers) == [200, 409]
    assert User.objects.filter(email="wanted@example.com").count() == 1
    winner = people[answers.index(200)]
    changed = AuthEvent.objects.get(event_type="account.email.changed")
    assert changed.subject_user_id == winner.public_id


def test_a_new_address_is_confirmed_by_one_of_twenty_clicks() -> None:
    person = UserFactory.create()
    email_change.ask(user=person, email="wanted@example.com")
    body = {"token": token_to("wanted@example.com")}

    assert statuses("/v1/auth/email/change/confirm", body) == [200] + [400] * 19
    assert AuthEvent.objects.filter(event_type="account.email.changed").count() == 1


def test_a_change_that_is_confirmed_and_stopped_at_once_is_one_of_both() -> None:
    person = UserFactory.create(email="old@example.com")
    email_change.ask(user=person, email="wanted@example.com")
    link, stop = token_to("wanted@example.com"), token_to("old@example.com")

    at_once(
        lambda: post(APIClient(), "/v1/auth/email/change/confirm", {"token": link}),
        lambda: Client().post("/accounts/not-my-change", {"token": stop}),
    )

    person.refresh_from_db()
    if person.email == "wanted@example.com":  # confirmed: the newer notice undoes it
        assert (
            Client()
            .post("/accounts/not-my-change", {"token": token_to("old@example.com")})
            .status_code
            == 200
        )
        person.refresh_from_db()
    assert person.email == "old@example.com"
