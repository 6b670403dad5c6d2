"""Attacks on sign-in that were tried on the running service, and what must come of them."""

import re
import threading
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.errors import InvalidCredentialsError
from accounts.models import Session, User
from accounts.models.session import SignInMethod
from accounts.models.user import UserStatus
from accounts.services import passwords, sessions, status
from accounts.services.sessions import Device
from accounts.tests.conftest import SignIn, post
from accounts.tests.factories import PASSWORD, UserFactory
from accounts.tests.second_factor import code_of, enrol
from authz.services.roles import grant_role

NEW = "a wholly other staple of horses"


def begin(user: User) -> Session:
    return sessions.begin(user=user, method=SignInMethod.PASSWORD, amr=("pwd",), device=Device())


def mailed_token() -> str:
    found = re.search(r"token=(\S+)", str(mail.outbox[-1].body))
    assert found
    return found[1]


@pytest.mark.django_db
def test_a_suspension_between_the_password_and_the_session_refuses(ready: None) -> None:
    verified = UserFactory.create(password=PASSWORD)
    status.suspend(user=User.objects.get(pk=verified.pk), reason="just then")
    with pytest.raises(InvalidCredentialsError):
        begin(verified)


@pytest.mark.django_db
def test_a_new_password_between_the_old_one_and_the_session_refuses(ready: None) -> None:
    verified = UserFactory.create(password=PASSWORD)
    post(APIClient(), "/v1/auth/password/reset-request", {"email": verified.email})
    passwords.reset(token=mailed_token(), new=NEW)
    with pytest.raises(InvalidCredentialsError):
        begin(verified)


@pytest.mark.django_db(transaction=True)
def test_a_sign_in_that_races_a_suspension_leaves_no_living_session(ready: None) -> None:
    for _ in range(5):
        user = UserFactory.create(password=PASSWORD)
        start = threading.Barrier(2)

        def suspend(user: User = user, start: threading.Barrier = start) -> None:
            start.wait()
            status.suspend(user=User.objects.get(pk=user.pk), reason="race")
            connection.close()

        thread = threading.Thread(target=suspend)
        thread.start()
        start.wait()
        try:
            begin(user)
        except InvalidCredentialsError:
            pass
        finally:
            thread.join()
        assert not Session.objects.live().for_user(user.pk).exists()


@pytest.mark.django_db
def test_a_session_of_a_person_who_is_not_active_is_not_continued(sign_in: SignIn) -> None:
    asha = sign_in()
    User.objects.filter(pk=asha.user.pk).update(status=UserStatus.SUSPENDED)
    answer = post(APIClient(), "/v1/auth/refresh", {"refresh_token": asha.refresh_token})
    assert answer.status_code == 401


@pytest.mark.django_db
def test_a_session_that_outlived_its_person_opens_nothing(sign_in: SignIn) -> None:
    asha = sign_in()
    User.objects.filter(pk=asha.user.pk).update(status=UserStatus.ERASED)
    assert asha.client.get("/v1/users/me").status_code == 401


@pytest.mark.django_db
def test_a_token_that_was_not_proven_lately_adds_no_factor(sign_in: SignIn) -> None:
    stolen = sign_in()
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        refused = post(stolen.client, "/v1/mfa/totp/enroll", {})
        assert refused.json()["type"].endswith("/errors/step-up-required")
        assert 'acr_values="pwd"' in refused["WWW-Authenticate"]
        answer = post(stolen.client, "/v1/auth/step-up", {"password": PASSWORD})
        stolen.client.credentials(HTTP_AUTHORIZATION=f"Bearer {answer.json()['access_token']}")
        assert post(stolen.client, "/v1/mfa/totp/enroll", {}).status_code == 200


@pytest.mark.django_db
def test_the_person_is_told_of_every_change_of_factors(
    sign_in: SignIn, django_capture_on_commit_callbacks: Any
) -> None:
    asha = sign_in()
    with django_capture_on_commit_callbacks(execute=True):
        enrol(asha)
    assert "was added" in str(mail.outbox[-1].body)
    with django_capture_on_commit_callbacks(execute=True):
        assert asha.client.delete("/v1/mfa/totp").status_code == 204
    assert "was removed" in str(mail.outbox[-1].body)


@pytest.mark.django_db
def test_whoever_registers_an_address_first_gains_nothing_over_its_owner(
    ready: None, django_capture_on_commit_callbacks: Any
) -> None:
    def register(password: str) -> None:
        body = {"email": "vera@example.com", "password": password, "name": "Vera"}
        with django_capture_on_commit_callbacks(execute=True):
            assert post(APIClient(), "/v1/auth/register", body).status_code == 202

    register("the attacker's own password")
    register("what vera thinks is hers")
    post(APIClient(), "/v1/auth/password/reset", {"token": mailed_token(), "new_password": NEW})

    def may_enter(password: str) -> bool:
        body = {"email": "vera@example.com", "password": password}
        return bool(post(APIClient(), "/v1/auth/login", body).status_code == 200)

    assert User.objects.get().status == UserStatus.ACTIVE
    assert (may_enter("the attacker's own password"), may_enter(NEW)) == (False, True)


@pytest.mark.django_db
def test_what_the_old_password_opened_a_new_one_shuts(sign_in: SignIn) -> None:
    asha = sign_in()
    secret = enrol(asha)
    login = {"email": asha.user.email, "password": PASSWORD}
    challenge = post(APIClient(), "/v1/auth/login", login).json()["mfa_token"]
    post(APIClient(), "/v1/auth/password/reset-request", {"email": asha.user.email})
    token = mailed_token()
    change = {"current_password": PASSWORD, "new_password": NEW}
    assert post(asha.client, "/v1/auth/password/change", change).status_code == 200
    reset = {"token": token, "new_password": "whatever somebody wants"}
    assert post(APIClient(), "/v1/auth/password/reset", reset).status_code == 400
    code = {"mfa_token": challenge, "code": code_of(secret, steps=1)}
    assert post(APIClient(), "/v1/auth/mfa/verify", code).status_code == 400


@pytest.mark.django_db
def test_guesses_during_the_delay_do_not_lengthen_it(ready: None) -> None:
    user = UserFactory.create(password=PASSWORD)
    wrong = {"email": user.email, "password": "not the password"}
    for _ in range(9):
        post(APIClient(), "/v1/auth/login", wrong)
    with time_machine.travel(timezone.now() + timedelta(seconds=16)):
        right = {"email": user.email, "password": PASSWORD}
        assert post(APIClient(), "/v1/auth/login", right).status_code == 200


@pytest.mark.django_db
def test_support_cannot_shut_out_an_administrator(ready: None, api: Any) -> None:
    admin = UserFactory.create()
    grant_role(user=admin, role="admin", granted_by=None, reason="test")
    support = api(UserFactory.create(), scopes=["users:read", "users:write"])
    refused = post(support, f"/v1/users/{admin.public_id}/suspend", {"reason": "coup"})
    assert refused.status_code == 403
    assert User.objects.get(pk=admin.pk).status == UserStatus.ACTIVE
