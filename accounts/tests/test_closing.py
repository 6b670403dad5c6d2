"""Closing one's account, and taking that back."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.errors import InvalidCredentialsError
from accounts.models import Session, User
from accounts.models.user import UserStatus
from accounts.services import reopening, status
from accounts.tests.conftest import SignedIn, SignIn, post
from accounts.tests.factories import PASSWORD, UserFactory
from accounts.tests.second_factor import code_of, enrol
from audit.models import AuthEvent
from config.telemetry import planted_secrets
from tests.racing import at_once

GRACE = timedelta(days=30)
pytestmark = pytest.mark.django_db


def close(person: SignedIn) -> str:
    """Close the account as its owner does. Returns the secret of the second factor that this took."""
    secret = enrol(person)
    answer = person.client.delete("/v1/users/me")
    assert answer.status_code == 204, answer.content
    return secret


def closed(**fields: Any) -> User:
    """Somebody without a second factor who has closed their account."""
    user: User = UserFactory.create(password=PASSWORD, **fields)
    status.close_own(user=user)
    return user


def sign_in_again(user: User, password: str = PASSWORD) -> Any:
    return post(APIClient(), "/v1/auth/login", {"email": user.email, "password": password})


def offered(user: User) -> dict[str, Any]:
    document: dict[str, Any] = sign_in_again(user).json()
    planted_secrets.add(document["reopening_token"])
    return document


def reopen(token: str, **more: str) -> Any:
    return post(APIClient(), "/v1/auth/reopen", {"reopening_token": token, **more})


def test_closing_wants_a_fresh_second_factor_and_signs_out_everywhere(sign_in: SignIn) -> None:
    asha = sign_in()
    phone = sign_in(asha.user)
    assert phone.client.delete("/v1/users/me").status_code == 401
    assert phone.client.get("/v1/users/me").status_code == 200
    close(asha)
    assert phone.client.get("/v1/users/me").status_code == 401
    user = User.objects.get(pk=asha.user.pk)
    assert user.status == UserStatus.DEACTIVATED
    assert user.erasure_due_at is not None
    assert abs(user.erasure_due_at - timezone.now() - GRACE) < timedelta(minutes=1)


def test_the_right_password_is_offered_to_take_it_back_and_a_wrong_one_learns_nothing(
    ready: None,
) -> None:
    user = closed()
    offer = sign_in_again(user)
    assert offer.status_code == 200
    assert offer.json()["status"] == "account_closed"
    assert offer.json()["methods"] == []
    planted_secrets.add(offer.json()["reopening_token"])

    stranger = post(
        APIClient(), "/v1/auth/login", {"email": "nobody@example.com", "password": PASSWORD}
    )
    wrong = sign_in_again(user, "not the password at all")
    differs = {"instance", "request_id"}
    assert wrong.status_code == stranger.status_code == 401
    assert {k: v for k, v in wrong.json().items() if k not in differs} == {
        k: v for k, v in stranger.json().items() if k not in differs
    }


def test_taken_back_the_account_is_as_before_and_nobody_is_signed_in(
    ready: None, django_capture_on_commit_callbacks: Any
) -> None:
    user = closed()
    token = offered(user)["reopening_token"]
    with django_capture_on_commit_callbacks(execute=True):
        assert reopen(token).json() == {"status": "active"}
    user.refresh_from_db()
    assert (user.status, user.erasure_due_at) == ("active", None)
    assert not Session.objects.live().exists()
    assert "open again" in mail.outbox[-1].subject
    row = AuthEvent.objects.get(event_type="account.reactivated")
    assert (row.actor_id, row.metadata["reason"]) == (user.public_id, "taken back by the person")
    assert sign_in_again(user).json()["token_type"] == "Bearer"
    assert reopen(token).status_code == 400


def test_what_a_second_factor_closed_a_second_factor_opens(sign_in: SignIn) -> None:
    asha = sign_in()
    secret = close(asha)
    offer = offered(asha.user)
    assert offer["methods"] == ["totp", "backup_code"]
    token = offer["reopening_token"]

    missing = reopen(token)
    assert (missing.status_code, missing.json()["errors"][0]["field"]) == (400, "code")
    assert reopen(token, code="000000").status_code == 400
    assert User.objects.get(pk=asha.user.pk).status == UserStatus.DEACTIVATED
    assert reopen(token, code=code_of(secret, steps=1)).status_code == 200
    assert User.objects.get(pk=asha.user.pk).status == UserStatus.ACTIVE


def test_a_token_survives_so_many_wrong_codes(sign_in: SignIn, environment: Any) -> None:
    environment(mfa_token_attempts=2)
    asha = sign_in()
    secret = close(asha)
    token = offered(asha.user)["reopening_token"]
    for _ in range(2):
        reopen(token, code="000000")
    answer = reopen(token, code=code_of(secret, steps=1))
    assert answer.json()["type"].endswith("/errors/invalid-single-use-token")


def test_after_the_grace_it_is_too_late(ready: None) -> None:
    user = closed()
    with time_machine.travel(timezone.now() + GRACE - timedelta(minutes=1)) as clock:
        token = offered(user)["reopening_token"]
        clock.shift(61)
        assert reopen(token).status_code == 400
        assert sign_in_again(user).status_code == 401
        assert list(User.objects.erasure_due()) == [user]


def test_an_offer_that_was_taken_does_not_undo_a_later_closing(ready: None) -> None:
    user = closed()
    token = offered(user)["reopening_token"]
    assert reopen(token).status_code == 200
    status.close_own(user=User.objects.get(pk=user.pk))
    assert reopen(token).status_code == 400
    assert User.objects.get(pk=user.pk).status == UserStatus.DEACTIVATED


def test_an_offer_runs_out_and_a_new_one_replaces_it(ready: None) -> None:
    user = closed()
    first = offered(user)["reopening_token"]
    second = offered(user)["reopening_token"]
    assert reopen(first).status_code == 400
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        assert reopen(second).status_code == 400


def test_who_was_shut_out_by_staff_is_offered_nothing(ready: None) -> None:
    for shut in (status.suspend, status.deactivate):
        user = UserFactory.create(password=PASSWORD)
        shut(user=user, reason="by staff")
        assert sign_in_again(user).status_code == 401


def test_staff_who_shut_it_meanwhile_have_the_last_word(ready: None) -> None:
    user = closed()
    token = offered(user)["reopening_token"]
    status.reactivate(user=user, reason="asked by phone")
    status.suspend(user=user, reason="fraud")
    assert reopen(token).status_code == 400
    assert User.objects.get(pk=user.pk).status == UserStatus.SUSPENDED


def test_staff_who_were_faster_than_the_sign_in_leave_nothing_to_offer(ready: None) -> None:
    user = closed()
    status.reactivate(user=user, reason="asked by phone")
    with pytest.raises(InvalidCredentialsError):
        reopening.offer(user)


def test_staff_take_it_back_too(ready: None, api: Any) -> None:
    user = closed()
    client = api(UserFactory.create(), scopes=("users:read", "users:write"))
    assert client.get(f"/v1/users/{user.public_id}").json()["erasure_due_at"] is not None
    path = f"/v1/users/{user.public_id}/reactivate"
    assert post(client, path, {"reason": "asked by phone"}).json()["erasure_due_at"] is None
    assert sign_in_again(user).status_code == 200


def test_the_consoles_door_says_nothing_of_it(ready: None) -> None:
    user = closed()
    browser = Client()
    page = browser.post("/console/login/", {"username": user.email, "password": PASSWORD})
    assert b"account_closed" not in page.content
    assert "_auth_user_id" not in browser.session


def test_the_person_is_told_until_when(
    ready: None, django_capture_on_commit_callbacks: Any
) -> None:
    with (
        time_machine.travel("2026-05-01T20:00:00Z", tick=False),
        django_capture_on_commit_callbacks(execute=True),
    ):
        closed(timezone="Asia/Kolkata")
    assert "after 1 June 2026" in str(mail.outbox[-1].body)  # 1.30 at night there


def test_only_a_closed_account_has_a_day_of_erasure(ready: None) -> None:
    user = UserFactory.create()
    with (
        pytest.raises(IntegrityError, match="user_erasure_due_only_when_closed"),
        transaction.atomic(),
    ):
        User.objects.filter(pk=user.pk).update(erasure_due_at=timezone.now())


@pytest.mark.django_db(transaction=True)
def test_of_twenty_who_take_it_back_one_does(ready: None) -> None:
    user = closed()
    token = offered(user)["reopening_token"]

    answers = at_once(*[lambda: reopen(token).status_code] * 20)

    assert sorted(answers) == [200] + [400] * 19
    assert AuthEvent.objects.filter(event_type="account.reactivated").count() == 1
