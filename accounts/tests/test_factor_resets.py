"""Resets of lost factors over HTTP, and what follows from them."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Session, User
from accounts.tests.conftest import SignedIn, SignIn, post
from accounts.tests.factories import PASSWORD, UserFactory
from accounts.tests.second_factor import add_passkey
from audit.models import AuthEvent
from authz.services.roles import grant_role

pytestmark = pytest.mark.django_db


@pytest.fixture
def asha(sign_in: SignIn) -> SignedIn:
    person = sign_in()
    add_passkey(person)
    return person


def make_staff(sign_in: SignIn, role: str = "support") -> SignedIn:
    person: User = UserFactory.create(password=PASSWORD)
    grant_role(user=person, role=role, granted_by=None, reason="test")
    signed_in = sign_in(person)
    add_passkey(signed_in)
    return signed_in


def path_of(person: SignedIn, more: str = "") -> str:
    return f"/v1/users/{person.user.public_id}/mfa-reset{more}"


def ask(staff: SignedIn, person: SignedIn) -> Any:
    return post(staff.client, path_of(person), {"reason": "phone lost, called back"})


def approve(staff: SignedIn, person: SignedIn) -> Any:
    return post(staff.client, path_of(person, "/approve"), {})


def kind(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"].rsplit("/", 1)[1]


def test_two_of_the_staff_take_lost_factors_away(
    asha: SignedIn, sign_in: SignIn, django_capture_on_commit_callbacks: Any
) -> None:
    one, other = make_staff(sign_in), make_staff(sign_in)
    with django_capture_on_commit_callbacks(execute=True):
        asked = ask(one, asha)
    assert asked.status_code == 201
    assert (mail.outbox[-1].to, mail.outbox[-1].subject) == (
        [asha.user.email],
        "Somebody asked to reset your second factors",
    )
    waiting = other.client.get(path_of(asha)).json()
    assert (waiting["status"], waiting["requested_by"], waiting["approved_by"]) == (
        "open",
        one.user.public_id,
        None,
    )
    login = {"email": asha.user.email, "password": PASSWORD}
    half_way = post(APIClient(), "/v1/auth/login", login).json()["mfa_token"]

    with django_capture_on_commit_callbacks(execute=True):
        approved = approve(other, asha)
    assert approved.json()["approved_by"] == other.user.public_id
    assert mail.outbox[-1].subject == "Your second factors were reset"
    assert asha.client.get("/v1/users/me").status_code == 401
    assert {row.end_reason for row in Session.objects.for_user(asha.user.pk)} == {"factor_reset"}
    answer = post(APIClient(), "/v1/auth/mfa/options", {"mfa_token": half_way})
    assert kind(answer) == (400, "invalid-single-use-token")
    assert "access_token" in post(APIClient(), "/v1/auth/login", login).json()

    trail = AuthEvent.objects.filter(
        event_type__startswith="account.mfa.reset", subject_user_id=asha.user.public_id
    ).order_by("occurred_at")
    assert [(row.event_type, row.actor_id) for row in trail] == [
        ("account.mfa.reset_requested", one.user.public_id),
        ("account.mfa.reset_approved", other.user.public_id),
    ]
    assert trail[0].metadata["reason"] == "phone lost, called back"


def test_one_alone_cannot(asha: SignedIn, sign_in: SignIn) -> None:
    one = make_staff(sign_in)
    assert kind(ask(one, one)) == (403, "mfa-reset-needs-another-person")
    ask(one, asha)
    assert kind(approve(one, asha)) == (403, "mfa-reset-needs-another-person")
    assert asha.client.get("/v1/mfa/devices").json()["devices"]


def test_a_request_is_taken_back(asha: SignedIn, sign_in: SignIn) -> None:
    one, other = make_staff(sign_in), make_staff(sign_in)
    ask(one, asha)
    assert other.client.delete(path_of(asha)).status_code == 204
    assert kind(approve(other, asha)) == (404, "mfa-reset-not-found")
    assert kind(one.client.get(path_of(asha))) == (404, "mfa-reset-not-found")


def test_a_second_request_waits_for_the_first(asha: SignedIn, sign_in: SignIn) -> None:
    one, other = make_staff(sign_in), make_staff(sign_in)
    ask(one, asha)
    assert kind(ask(other, asha)) == (409, "mfa-reset-already-open")


def test_support_does_not_reach_administrators(sign_in: SignIn) -> None:
    admin, one = make_staff(sign_in, "admin"), make_staff(sign_in)
    assert kind(ask(one, admin)) == (403, "forbidden")
    assert kind(approve(one, admin)) == (403, "forbidden")


@pytest.mark.parametrize(
    ("method", "more"), [("get", ""), ("post", ""), ("delete", ""), ("post", "/approve")]
)
def test_it_takes_the_right_scope(asha: SignedIn, sign_in: SignIn, method: str, more: str) -> None:
    reader = make_staff(sign_in, "compliance")
    assert getattr(reader.client, method)(path_of(asha, more)).status_code == 403
    assert getattr(asha.client, method)(path_of(asha, more)).status_code == 403
    assert getattr(APIClient(), method)(path_of(asha, more)).status_code == 401


def test_it_takes_a_fresh_second_factor(asha: SignedIn, sign_in: SignIn) -> None:
    one, other = make_staff(sign_in), make_staff(sign_in)
    ask(one, asha)
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        for answer in (ask(one, asha), approve(other, asha), other.client.delete(path_of(asha))):
            assert kind(answer) == (401, "step-up-required")
        assert other.client.get(path_of(asha)).status_code == 200


def test_nobody_has_no_factors(sign_in: SignIn) -> None:
    one = make_staff(sign_in)
    somebody = sign_in()
    assert kind(ask(one, somebody)) == (404, "mfa-not-enrolled")
    nobody = "/v1/users/usr_01jz0000000000000000000000/mfa-reset"
    assert post(one.client, nobody, {"reason": "x"}).status_code == 404
