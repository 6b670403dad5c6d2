"""Signing in with a password."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.hashers import make_password
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Session
from accounts.models.user import UserStatus
from accounts.tests.conftest import SignIn, post
from accounts.tests.factories import PASSWORD, UserFactory
from audit.models import AuthEvent

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ready")]


def log_in(email: str, password: str = PASSWORD, **more: Any) -> Any:
    return post(APIClient(), "/v1/auth/login", {"email": email, "password": password, **more})


def test_the_right_password_brings_tokens_that_work(sign_in: SignIn) -> None:
    asha = sign_in()
    assert asha.tokens["token_type"] == "Bearer"
    assert asha.tokens["expires_in"] == 900
    assert asha.tokens["user"]["id"] == asha.user.public_id
    assert asha.client.get("/v1/users/me").json()["email"] == asha.user.email


def test_the_address_is_found_whatever_its_case(sign_in: SignIn) -> None:
    UserFactory.create(email="Asha@Example.com", password=PASSWORD)
    assert log_in("aSHA@eXAMPLE.COM").status_code == 200


def test_a_session_remembers_its_device(sign_in: SignIn) -> None:
    user = UserFactory.create(password=PASSWORD)
    sign_in(user, device_name="Pixel 9", device_fingerprint="abc", persist_session=True)
    session = Session.objects.get()
    assert (session.device_name, session.device_fingerprint, session.persistent) == (
        "Pixel 9",
        "abc",
        True,
    )
    assert session.expires_at - session.created_at > timedelta(days=89)


def test_without_persist_session_it_ends_in_twelve_hours(sign_in: SignIn) -> None:
    asha = sign_in()
    assert asha.tokens["refresh_expires_in"] <= 12 * 3600
    with time_machine.travel(timezone.now() + timedelta(hours=12, seconds=1)):
        assert (
            post(APIClient(), "/v1/auth/refresh", {"refresh_token": asha.refresh_token}).status_code
            == 401
        )


def test_every_reason_to_refuse_has_one_answer() -> None:
    user = UserFactory.create(password=PASSWORD)
    people = [
        (user.email, "not the password"),
        ("nobody@example.com", PASSWORD),
        (UserFactory.create(password=None).email, PASSWORD),
        *[
            (UserFactory.create(password=PASSWORD, status=status).email, PASSWORD)
            for status in UserStatus.values
            if status != UserStatus.ACTIVE
        ],
    ]
    answers = []
    for email, password in people:
        response = log_in(email, password)
        body = response.json()
        body.pop("request_id")
        answers.append((response.status_code, body))
    assert all(answer == answers[0] for answer in answers)
    assert answers[0][0] == 401
    assert answers[0][1]["type"].endswith("/errors/invalid-credentials")


def test_a_refusal_is_on_the_trail_with_its_reason() -> None:
    user = UserFactory.create(password=PASSWORD, status=UserStatus.SUSPENDED)
    log_in(user.email)
    log_in("nobody@example.com")
    suspended, unknown = AuthEvent.objects.filter(event_type="auth.login.failed").order_by(
        "event_id"
    )
    assert (suspended.subject_user_id, suspended.metadata["reason"]) == (
        user.public_id,
        "account_suspended",
    )
    assert (unknown.subject_user_id, unknown.metadata["reason"]) == ("", "bad_credentials")
    assert suspended.outcome == "failure"


def test_after_five_failures_even_the_right_password_waits() -> None:
    user = UserFactory.create(password=PASSWORD)
    for _ in range(5):
        log_in(user.email, "not the password")
    assert log_in(user.email).status_code == 401
    assert AuthEvent.objects.filter(event_type="auth.login.delayed").count() == 1
    with time_machine.travel(timezone.now() + timedelta(seconds=16)):
        assert log_in(user.email).status_code == 200


def test_each_further_failure_doubles_the_wait() -> None:
    user = UserFactory.create(password=PASSWORD)
    now = timezone.now()
    for delay in (0, 0, 0, 0, 0, 16, 31, 61):
        now += timedelta(seconds=delay)
        with time_machine.travel(now, tick=False):
            log_in(user.email, "not the password")
    with time_machine.travel(now + timedelta(seconds=119), tick=False):
        assert log_in(user.email).status_code == 401
    with time_machine.travel(now + timedelta(seconds=121), tick=False):
        assert log_in(user.email).status_code == 200


def test_a_success_forgets_the_failures() -> None:
    user = UserFactory.create(password=PASSWORD)
    for _ in range(3):
        for _ in range(4):
            log_in(user.email, "not the password")
        assert log_in(user.email).status_code == 200


@pytest.mark.parametrize("algorithm", ["pbkdf2_sha256", "bcrypt_sha256"])
def test_an_imported_hash_works_and_becomes_argon2id(algorithm: str) -> None:
    user = UserFactory.create()
    user.password = make_password(PASSWORD, hasher=algorithm)
    user.save()
    assert log_in(user.email).status_code == 200
    user.refresh_from_db()
    assert user.password.startswith("argon2$argon2id$")
    assert log_in(user.email).status_code == 200


def test_a_password_in_another_unicode_form_is_the_same_password() -> None:
    user = UserFactory.create(password="caf\u00e9 caf\u00e9 caf\u00e9")
    assert log_in(user.email, "cafe\u0301 cafe\u0301 cafe\u0301").status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"email": "a@example.com"},
        {"email": 1, "password": PASSWORD},
        {"email": "a@example.com", "password": ["x"]},
        {"email": "a@example.com", "password": "x" * 2000},
        {"email": "a@example.com", "password": PASSWORD, "remember": True},
        {"email": "a@example.com", "password": PASSWORD, "persist_session": "maybe"},
    ],
)
def test_a_malformed_sign_in_is_a_problem(body: dict[str, Any]) -> None:
    answer = post(APIClient(), "/v1/auth/login", body)
    assert answer.status_code == 400
    assert answer.json()["errors"]


def test_thirty_tries_in_fifteen_minutes_are_all_an_address_gets() -> None:
    answers = [log_in(f"nobody{n}@example.com").status_code for n in range(31)]
    assert answers == [401] * 30 + [429]


def test_a_sign_in_is_on_the_trail_as_the_persons_own(sign_in: SignIn) -> None:
    asha = sign_in()
    row = AuthEvent.objects.get(event_type="auth.login.succeeded")
    assert (row.actor_type, row.actor_id) == ("user", asha.user.public_id)
    assert (row.subject_user_id, row.session_id) == (asha.user.public_id, asha.tokens["session_id"])
