"""Signing in with two factors, and proving one again."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Session
from accounts.services import status
from accounts.tests.conftest import SignedIn, SignIn, post
from accounts.tests.factories import PASSWORD
from accounts.tests.second_factor import code_of, enrol

pytestmark = pytest.mark.django_db


@pytest.fixture
def asha(sign_in: SignIn) -> SignedIn:
    person = sign_in()
    person.tokens["secret"] = enrol(person)
    return person


def challenge(asha: SignedIn) -> str:
    body = {"email": asha.user.email, "password": PASSWORD}
    answer = post(APIClient(), "/v1/auth/login", body)
    assert answer.json()["status"] == "mfa_required"
    assert "totp" in answer.json()["methods"]
    assert "access_token" not in answer.json()
    return str(answer.json()["mfa_token"])


def verify(mfa_token: str, code: str) -> Any:
    return post(APIClient(), "/v1/auth/mfa/verify", {"mfa_token": mfa_token, "code": code})


def test_confirming_a_factor_makes_the_session_mfa(asha: SignedIn) -> None:
    session = Session.objects.get()
    assert (session.acr, sorted(session.amr)) == ("mfa", ["otp", "pwd"])


def test_a_code_finishes_the_sign_in(asha: SignedIn) -> None:
    answer = verify(challenge(asha), code_of(asha.tokens["secret"], steps=1))
    assert answer.status_code == 200
    session = Session.objects.with_public_id(answer.json()["session_id"]).get()
    assert (session.acr, session.amr) == ("mfa", ["pwd", "otp"])


def test_a_code_that_was_used_does_not_work_again(asha: SignedIn) -> None:
    code = code_of(asha.tokens["secret"], steps=1)
    assert verify(challenge(asha), code).status_code == 200
    assert verify(challenge(asha), code).status_code != 200


def test_a_challenge_survives_four_wrong_codes_and_not_five(asha: SignedIn) -> None:
    token = challenge(asha)
    for _ in range(5):
        assert verify(token, "000000").status_code in {400, 401}
    late = verify(token, code_of(asha.tokens["secret"], steps=1))
    assert late.status_code == 400
    assert late.json()["type"].endswith("/errors/invalid-single-use-token")


def test_a_challenge_works_once(asha: SignedIn) -> None:
    token = challenge(asha)
    assert verify(token, code_of(asha.tokens["secret"], steps=1)).status_code == 200
    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        assert verify(token, code_of(asha.tokens["secret"])).status_code == 400


def test_a_challenge_lives_five_minutes(asha: SignedIn) -> None:
    token = challenge(asha)
    with time_machine.travel(timezone.now() + timedelta(minutes=5, seconds=1)):
        assert verify(token, code_of(asha.tokens["secret"])).status_code == 400


def test_a_suspension_between_password_and_code_refuses(asha: SignedIn) -> None:
    token = challenge(asha)
    status.suspend(user=asha.user, reason="just then")
    assert verify(token, code_of(asha.tokens["secret"], steps=1)).status_code == 401
    assert Session.objects.live().count() == 0


def test_a_code_steps_the_session_up(asha: SignedIn) -> None:
    later = timezone.now() + timedelta(minutes=6)
    with time_machine.travel(later):
        assert asha.client.delete("/v1/users/me").status_code == 401
        answer = post(asha.client, "/v1/auth/step-up", {"code": code_of(asha.tokens["secret"])})
        assert answer.status_code == 200
        assert "refresh_token" not in answer.json()
        asha.client.credentials(HTTP_AUTHORIZATION=f"Bearer {answer.json()['access_token']}")
        assert asha.client.delete("/v1/users/me").status_code == 204


def test_a_password_is_no_second_factor(asha: SignedIn) -> None:
    answer = post(asha.client, "/v1/auth/step-up", {"password": PASSWORD})
    assert answer.status_code == 200
    asha.client.credentials(HTTP_AUTHORIZATION=f"Bearer {answer.json()['access_token']}")
    assert asha.client.delete("/v1/users/me").json()["type"].endswith("/errors/step-up-required")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"code": "000000", "password": PASSWORD},
        {"code": ""},
        {"password": "wrong"},
        {"code": "1" * 33},
    ],
)
def test_a_step_up_without_one_good_proof_is_a_problem(
    asha: SignedIn, body: dict[str, Any]
) -> None:
    assert post(asha.client, "/v1/auth/step-up", body).status_code == 400
