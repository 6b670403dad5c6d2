"""Passkeys over HTTP: added, as a second factor, for stepping up, and alone."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.utils import timezone
from prometheus_client import REGISTRY
from rest_framework.test import APIClient

from accounts.models import Session
from accounts.services import status
from accounts.tests.conftest import SignedIn, SignIn, post
from accounts.tests.factories import PASSWORD
from accounts.tests.second_factor import add_passkey
from audit.models import AuthEvent
from mfa.models import Passkey
from mfa.tests.authenticator import Authenticator
from tests.racing import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def asha(sign_in: SignIn) -> SignedIn:
    return sign_in()


@pytest.fixture
def phone(asha: SignedIn) -> Authenticator:
    return add_passkey(asha)


def kind(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"].rsplit("/", 1)[1]


def sign_in_options() -> dict[str, Any]:
    options: dict[str, Any] = post(APIClient(), "/v1/auth/passkey/options", {}).json()
    return dict(options["public_key"])


def log_in(phone: Authenticator, options: dict[str, Any] | None = None) -> Any:
    credential = phone.get(options or sign_in_options())
    return post(APIClient(), "/v1/auth/passkey/login", {"credential": credential})


def challenge(asha: SignedIn) -> str:
    body = {"email": asha.user.email, "password": PASSWORD}
    answer = post(APIClient(), "/v1/auth/login", body).json()
    assert answer["methods"] == ["passkey", "backup_code"]
    return str(answer["mfa_token"])


def factor_options(mfa_token: str) -> dict[str, Any]:
    answer = post(APIClient(), "/v1/auth/mfa/options", {"mfa_token": mfa_token})
    assert answer.status_code == 200, answer.content
    return dict(answer.json()["public_key"])


def verify(mfa_token: str, credential: Any) -> Any:
    return post(
        APIClient(), "/v1/auth/mfa/verify", {"mfa_token": mfa_token, "webauthn": credential}
    )


def sign_ins(outcome: str) -> float:
    labels = {"method": "passkey", "outcome": outcome}
    return REGISTRY.get_sample_value("gatehouse_sign_ins_total", labels) or 0.0


def step_ups(outcome: str) -> float:
    labels = {"method": "passkey", "outcome": outcome}
    return REGISTRY.get_sample_value("gatehouse_step_ups_total", labels) or 0.0


def test_a_passkey_is_added_listed_renamed_and_removed(asha: SignedIn) -> None:
    add_passkey(asha)
    session = Session.objects.get()
    assert (session.acr, sorted(session.amr)) == ("mfa", ["hwk", "pwd", "user"])

    listed = asha.client.get("/v1/mfa/devices").json()
    assert listed["backup_codes_left"] == 10
    (device,) = listed["devices"]
    assert (device["type"], device["name"], device["blocked"]) == ("passkey", "Phone", False)

    path = f"/v1/mfa/passkeys/{device['id']}"
    renamed = asha.client.patch(path, {"name": "Blue key"}, format="json")
    assert renamed.json()["name"] == "Blue key"
    assert asha.client.delete(path).status_code == 204
    assert asha.client.get("/v1/mfa/devices").json() == {"devices": [], "backup_codes_left": 0}
    trail = AuthEvent.objects.filter(event_type__startswith="account.mfa.").order_by("occurred_at")
    assert [row.event_type for row in trail] == ["account.mfa.enrolled", "account.mfa.removed"]


def test_the_person_is_told_of_each(
    asha: SignedIn, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        add_passkey(asha)
    assert "added" in str(mail.outbox[-1].body)


def test_adding_one_wants_a_recent_proof(asha: SignedIn) -> None:
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        for path in ("/v1/mfa/passkeys/options", "/v1/mfa/passkeys"):
            answer = post(asha.client, path, {})
            assert kind(answer) == (401, "step-up-required")
            assert 'acr_values="pwd"' in answer["WWW-Authenticate"]


def test_removing_one_wants_a_second_factor(asha: SignedIn, phone: Authenticator) -> None:
    path = f"/v1/mfa/passkeys/{Passkey.objects.get().public_id}"
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        answer = asha.client.delete(path)
    assert kind(answer) == (401, "step-up-required")
    assert 'error="insufficient_user_authentication"' in answer["WWW-Authenticate"]
    assert 'acr_values="mfa", max_age=300' in answer["WWW-Authenticate"]


def test_another_persons_passkey_is_not_there(
    asha: SignedIn, phone: Authenticator, sign_in: SignIn
) -> None:
    ravi = sign_in()
    add_passkey(ravi)
    path = f"/v1/mfa/passkeys/{Passkey.objects.get(user_id=asha.user.pk).public_id}"
    assert ravi.client.patch(path, {"name": "x"}, format="json").status_code == 404
    assert ravi.client.delete(path).status_code == 404


@pytest.mark.parametrize("change", [{"response": None}, {"rawId": "?"}, {"type": "password"}])
def test_what_is_no_credential_is_named(asha: SignedIn, change: dict[str, Any]) -> None:
    options = post(asha.client, "/v1/mfa/passkeys/options", {}).json()["public_key"]
    credential = Authenticator().create(options) | change
    answer = post(asha.client, "/v1/mfa/passkeys", {"credential": credential})
    assert kind(answer) == (400, "invalid-request")
    assert answer.json()["errors"][0]["field"].startswith("credential.")


def test_options_of_one_session_are_no_good_in_another(asha: SignedIn, sign_in: SignIn) -> None:
    options = post(asha.client, "/v1/mfa/passkeys/options", {}).json()["public_key"]
    elsewhere = sign_in(asha.user)
    answer = post(
        elsewhere.client, "/v1/mfa/passkeys", {"credential": Authenticator().create(options)}
    )
    assert kind(answer) == (400, "invalid-passkey")


def test_a_passkey_is_a_second_factor(asha: SignedIn, phone: Authenticator) -> None:
    token = challenge(asha)
    answer = verify(token, phone.get(factor_options(token)))
    assert answer.status_code == 200
    session = Session.objects.with_public_id(answer.json()["session_id"]).get()
    assert (session.method, session.acr, session.amr) == ("password", "mfa", ["pwd", "hwk", "user"])


def test_a_passkeys_answer_belongs_to_the_sign_in_that_asked(
    asha: SignedIn, phone: Authenticator
) -> None:
    first = challenge(asha)
    options = factor_options(first)
    second = challenge(asha)
    assert kind(verify(second, phone.get(options))) == (400, "invalid-passkey")


def test_five_wrong_passkeys_end_the_challenge(asha: SignedIn, phone: Authenticator) -> None:
    token = challenge(asha)
    stranger = replace(phone, key=Authenticator().key)
    for _ in range(5):
        assert verify(token, stranger.get(factor_options(token))).status_code == 400
    assert kind(verify(token, phone.get(sign_in_options()))) == (400, "invalid-single-use-token")


@pytest.mark.parametrize("body", [{}, {"code": "123456", "webauthn": True}])
def test_a_second_factor_is_one_proof(
    asha: SignedIn, phone: Authenticator, body: dict[str, Any]
) -> None:
    token = challenge(asha)
    if "webauthn" in body:
        body = body | {"webauthn": phone.get(factor_options(token))}
    answer = post(APIClient(), "/v1/auth/mfa/verify", {"mfa_token": token} | body)
    assert kind(answer) == (400, "invalid-request")


def test_a_passkey_alone_signs_in_with_both_factors(asha: SignedIn, phone: Authenticator) -> None:
    before = sign_ins("success")
    answer = log_in(phone)
    assert answer.status_code == 200
    assert answer.json()["user"]["id"] == asha.user.public_id
    session = Session.objects.with_public_id(answer.json()["session_id"]).get()
    assert (session.method, session.acr, session.amr) == (
        "passkey",
        "mfa",
        ["hwk", "user", "mfa"],
    )
    assert sign_ins("success") == before + 1
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {answer.json()['access_token']}")
    assert client.delete("/v1/users/me").status_code == 204


def test_whatever_is_wrong_a_passkey_is_refused_in_one_text(
    asha: SignedIn, phone: Authenticator
) -> None:
    used = sign_in_options()
    assert log_in(phone, used).status_code == 200
    unknown = Authenticator(handle=b"x" * 16)
    answers = [
        log_in(unknown),
        log_in(phone, used),
        log_in(replace(phone, key=unknown.key)),
        log_in(replace(phone, handle=b"somebody else")),
        log_in(replace(phone, origin="https://evil.example")),
        log_in(replace(phone, verifies=False)),
    ]
    status.suspend(user=asha.user, reason="just then")
    answers.append(log_in(replace(phone, count=100)))
    bodies = []
    for answer in answers:
        body = answer.json()
        del body["request_id"]
        bodies.append((answer.status_code, body))
    assert bodies[0][0] == 401
    assert bodies[0][1]["type"].endswith("/errors/passkey-refused")
    assert all(body == bodies[0] for body in bodies)
    reasons = [
        row.metadata["reason"]
        for row in AuthEvent.objects.filter(event_type="auth.login.failed").order_by("occurred_at")
    ]
    assert reasons == [
        "passkey_wrong",
        "passkey_replayed",
        "passkey_wrong",
        "passkey_wrong",
        "passkey_wrong",
        "passkey_wrong",
        "account_suspended",
    ]


def test_a_copy_is_refused_audited_and_told_to_the_person(
    asha: SignedIn, phone: Authenticator, django_capture_on_commit_callbacks: Any
) -> None:
    copy = replace(phone)
    assert log_in(phone).status_code == 200
    with django_capture_on_commit_callbacks(execute=True):
        assert log_in(copy).status_code == 401
    assert "blocked" in mail.outbox[-1].subject
    row = AuthEvent.objects.get(event_type="session.anomaly")
    assert (row.subject_user_id, row.metadata["kind"]) == (asha.user.public_id, "passkey_cloned")
    assert log_in(replace(phone, count=50)).status_code == 401
    assert asha.client.get("/v1/mfa/devices").json()["devices"][0]["blocked"] is True


def test_a_passkey_steps_a_session_up(asha: SignedIn, phone: Authenticator) -> None:
    before = step_ups("success")
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        assert asha.client.delete("/v1/users/me").status_code == 401
        options = post(asha.client, "/v1/auth/step-up/options", {}).json()["public_key"]
        answer = post(asha.client, "/v1/auth/step-up", {"webauthn": phone.get(options)})
        assert answer.status_code == 200
        asha.client.credentials(HTTP_AUTHORIZATION=f"Bearer {answer.json()['access_token']}")
        assert asha.client.delete("/v1/users/me").status_code == 204
    assert step_ups("success") == before + 1


def test_stepping_up_elsewhere_takes_options_of_there(asha: SignedIn, phone: Authenticator) -> None:
    options = post(asha.client, "/v1/auth/step-up/options", {}).json()["public_key"]
    answer = log_in(phone)
    elsewhere = APIClient()
    elsewhere.credentials(HTTP_AUTHORIZATION=f"Bearer {answer.json()['access_token']}")
    before = step_ups("failure")
    refused = post(elsewhere, "/v1/auth/step-up", {"webauthn": phone.get(options)})
    assert kind(refused) == (400, "invalid-passkey")
    assert step_ups("failure") == before + 1


@pytest.mark.parametrize("path", ["/v1/mfa/passkeys/options", "/v1/auth/step-up/options"])
def test_options_of_a_person_are_for_people(path: str, api: Any) -> None:
    assert api().post(path).status_code == 401
    assert api(service="ticker").post(path).status_code == 403


@pytest.mark.django_db(transaction=True)
def test_of_twenty_sign_ins_with_one_answer_one_begins_a_session(
    asha: SignedIn, phone: Authenticator
) -> None:
    credential = phone.get(sign_in_options())
    answers = at_once(
        *[lambda: post(APIClient(), "/v1/auth/passkey/login", {"credential": credential})] * 20
    )
    codes = sorted(answer.status_code for answer in answers)
    assert codes == [200] + [401] * 19
    assert Session.objects.filter(method="passkey").count() == 1
