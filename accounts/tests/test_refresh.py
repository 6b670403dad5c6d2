"""Refresh tokens: one use each, one successor each, and an end to the session when an old one comes back."""

import base64
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import RefreshFamily, Session, User
from accounts.models.session import EndReason
from accounts.models.user import UserStatus
from accounts.tests.conftest import SignedIn, SignIn, post
from audit.models import AuthEvent
from events.models import OutboxEvent
from tests.racing import at_once


def refresh(token: str, **extra: Any) -> Any:
    return post(APIClient(), "/v1/auth/refresh", {"refresh_token": token}, **extra)


def assert_dead(asha: SignedIn, *tokens: str) -> None:
    """Nothing of the session works, and the trail and the stream say why."""
    assert [refresh(token).status_code for token in tokens] == [401] * len(tokens)
    assert asha.client.get("/v1/users/me").status_code == 401
    session = Session.objects.get()
    assert session.end_reason == EndReason.REUSE
    assert (
        AuthEvent.objects.filter(
            event_type="auth.token.reused", session_id=session.public_id
        ).count()
        == 1
    )
    anomaly = OutboxEvent.objects.get(event_type="user.session.anomaly.v1")
    assert anomaly.data["kind"] == "refresh_token_reuse"


@pytest.mark.django_db
def test_a_refresh_token_brings_its_successor_and_a_new_access_token(sign_in: SignIn) -> None:
    asha = sign_in()
    answer = refresh(asha.refresh_token)
    assert answer.status_code == 200
    renewed = answer.json()
    assert renewed["session_id"] == asha.tokens["session_id"]
    assert renewed["refresh_token"] != asha.refresh_token
    assert renewed["access_token"] != asha.tokens["access_token"]
    assert refresh(renewed["refresh_token"]).status_code == 200


@pytest.mark.django_db
def test_a_family_has_an_end(sign_in: SignIn, environment: Callable[..., None]) -> None:
    """Whoever presents a made-up token has us walk the family's whole chain."""
    environment(refresh_most_rotations=2)
    asha = sign_in()
    second = refresh(asha.refresh_token).json()["refresh_token"]
    last = refresh(second).json()["refresh_token"]
    assert refresh(last).status_code == 401
    assert asha.client.get("/v1/users/me").status_code == 200
    assert not AuthEvent.objects.filter(event_type="auth.token.reused").exists()
    assert RefreshFamily.objects.get().generation == 2


@pytest.mark.django_db
def test_only_hashes_are_stored(sign_in: SignIn) -> None:
    asha = sign_in()
    raw = base64.urlsafe_b64decode(asha.refresh_token)
    family = RefreshFamily.objects.get()
    assert raw not in bytes(family.current_hash)
    assert raw[16:] not in bytes(family.current_hash)


@pytest.mark.django_db
def test_a_retry_within_the_grace_gets_the_same_successor(sign_in: SignIn) -> None:
    asha = sign_in()
    first, again = refresh(asha.refresh_token).json(), refresh(asha.refresh_token).json()
    assert first["refresh_token"] == again["refresh_token"]
    assert RefreshFamily.objects.get().generation == 1


@pytest.mark.django_db
def test_within_the_grace_another_client_ends_the_family(sign_in: SignIn) -> None:
    asha = sign_in()
    successor = refresh(asha.refresh_token).json()["refresh_token"]
    assert refresh(asha.refresh_token, headers={"User-Agent": "somebody else"}).status_code == 401
    assert_dead(asha, successor)


@pytest.mark.django_db
def test_a_reused_refresh_token_ends_the_whole_family(sign_in: SignIn) -> None:
    asha = sign_in()
    successor = refresh(asha.refresh_token).json()["refresh_token"]
    with time_machine.travel(timezone.now() + timedelta(seconds=11)):
        assert refresh(asha.refresh_token).status_code == 401
        assert_dead(asha, asha.refresh_token, successor)


@pytest.mark.django_db
def test_a_token_of_any_age_ends_the_family(sign_in: SignIn) -> None:
    asha = sign_in()
    token = asha.refresh_token
    for _ in range(5):
        token = refresh(token).json()["refresh_token"]
    assert refresh(asha.refresh_token).status_code == 401
    assert_dead(asha, token)
    assert AuthEvent.objects.get(event_type="auth.token.reused").metadata["generations_ago"] == 5


@pytest.mark.django_db
def test_a_made_up_token_of_a_known_family_ends_nothing(sign_in: SignIn) -> None:
    asha = sign_in()
    token = refresh(asha.refresh_token).json()["refresh_token"]
    forged = bytearray(base64.urlsafe_b64decode(token))
    forged[-1] ^= 1
    assert refresh(base64.urlsafe_b64encode(bytes(forged)).decode()).status_code == 401
    assert refresh(token).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("token", ["x", "A" * 64, "é" * 64, "!" * 64, "A" * 1024, "A" * 63])
def test_a_token_that_was_never_ours_is_one_refusal(sign_in: SignIn, token: str) -> None:
    sign_in()
    answer = refresh(token)
    assert answer.status_code == 401
    assert answer.json()["type"].endswith("/errors/invalid-refresh-token")
    assert Session.objects.live().count() == 1


@pytest.mark.django_db
def test_a_kept_session_idles_out_and_never_outlives_its_end(sign_in: SignIn) -> None:
    asha = sign_in(persist_session=True)
    token, start = asha.refresh_token, timezone.now()
    for day in range(13, 90, 13):
        with time_machine.travel(start + timedelta(days=day)):
            answer = refresh(token)
            assert answer.status_code == 200
            token = answer.json()["refresh_token"]
    with time_machine.travel(start + timedelta(days=90, seconds=1)):
        assert refresh(token).status_code == 401


@pytest.mark.django_db
def test_a_refresh_lets_the_session_idle_anew(sign_in: SignIn) -> None:
    asha = sign_in()
    before = Session.objects.get()
    with time_machine.travel(before.last_active_at + timedelta(minutes=10), tick=False):
        answer = refresh(asha.refresh_token).json()
    after = Session.objects.get()
    assert after.last_active_at == after.updated_at == before.last_active_at + timedelta(minutes=10)
    assert after.idle_expires_at == min(
        before.expires_at, before.idle_expires_at + timedelta(minutes=10)
    )
    left = after.idle_expires_at - after.last_active_at
    assert answer["refresh_expires_in"] == int(left.total_seconds())


@pytest.mark.django_db
@pytest.mark.parametrize("status", [UserStatus.SUSPENDED, UserStatus.PENDING_VERIFICATION])
def test_whoever_is_not_active_gets_no_successor(sign_in: SignIn, status: str) -> None:
    asha = sign_in()
    User.objects.update(status=status)
    assert refresh(asha.refresh_token).status_code == 401
    assert RefreshFamily.objects.get().generation == 0
    User.objects.update(status=UserStatus.ACTIVE)
    assert refresh(asha.refresh_token).status_code == 200


@pytest.mark.django_db
def test_a_session_that_has_ended_gets_no_successor(sign_in: SignIn) -> None:
    asha = sign_in()
    Session.objects.update(ended_at=timezone.now(), end_reason=EndReason.REVOKED)
    assert refresh(asha.refresh_token).status_code == 401
    assert RefreshFamily.objects.get().generation == 0


@pytest.mark.django_db
def test_a_kept_session_ends_when_it_idles(sign_in: SignIn) -> None:
    asha = sign_in(persist_session=True)
    with time_machine.travel(timezone.now() + timedelta(days=14, seconds=1)):
        assert refresh(asha.refresh_token).status_code == 401


@pytest.mark.django_db
def test_the_token_may_travel_in_a_cookie_that_scripts_cannot_read(
    sign_in: SignIn, settings: Any
) -> None:
    asha = sign_in(token_delivery="body")
    browser = APIClient()
    browser.cookies["__Host-refresh_token"] = asha.refresh_token
    answer = post(
        browser, "/v1/auth/refresh", {}, headers={"Origin": settings.ENVIRONMENT.public_url}
    )
    assert answer.status_code == 200
    assert "refresh_token" not in answer.json()
    cookie = answer.cookies["__Host-refresh_token"]
    assert (cookie["httponly"], cookie["secure"], cookie["samesite"], cookie["path"]) == (
        True,
        True,
        "Strict",
        "/",
    )


@pytest.mark.django_db
@pytest.mark.parametrize("headers", [{}, {"Origin": "https://evil.example"}, {"Origin": "null"}])
def test_a_cookie_from_another_origin_is_refused(sign_in: SignIn, headers: dict[str, str]) -> None:
    browser = APIClient()
    browser.cookies["__Host-refresh_token"] = sign_in().refresh_token
    answer = post(browser, "/v1/auth/refresh", {}, headers=headers)
    assert answer.status_code == 403
    assert RefreshFamily.objects.get().generation == 0


@pytest.mark.django_db
def test_a_refused_refresh_never_clears_the_cookie(sign_in: SignIn, settings: Any) -> None:
    browser = APIClient()
    browser.cookies["__Host-refresh_token"] = "A" * 64
    answer = post(
        browser, "/v1/auth/refresh", {}, headers={"Origin": settings.ENVIRONMENT.public_url}
    )
    assert answer.status_code == 401
    assert "__Host-refresh_token" not in answer.cookies


@pytest.mark.django_db
def test_neither_body_nor_cookie_is_named(ready: None) -> None:
    answer = post(APIClient(), "/v1/auth/refresh", {})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "refresh_token"


@pytest.mark.django_db(transaction=True)
def test_twenty_threads_with_one_token_get_one_living_successor(sign_in: SignIn) -> None:
    asha = sign_in()
    answers = at_once(*[lambda: refresh(asha.refresh_token)] * 20)
    assert [answer.status_code for answer in answers] == [200] * 20
    successors = {answer.json()["refresh_token"] for answer in answers}
    assert len(successors) == 1
    assert RefreshFamily.objects.get().generation == 1
    assert refresh(successors.pop()).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_twenty_threads_replaying_a_used_token_end_the_family_once(
    sign_in: SignIn, environment: Callable[..., None]
) -> None:
    asha = sign_in()
    successor = refresh(asha.refresh_token).json()["refresh_token"]
    environment(refresh_grace=0)
    answers = at_once(*[lambda: refresh(asha.refresh_token)] * 20)
    assert [answer.status_code for answer in answers] == [401] * 20
    assert_dead(asha, successor)
