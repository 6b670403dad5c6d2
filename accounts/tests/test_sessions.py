"""Devices that are signed in, and signing them out."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.models import Session
from accounts.models.session import EndReason, SignInMethod
from accounts.services import sessions, status
from accounts.services.sessions import Device
from accounts.tests.conftest import SignIn, post
from accounts.tests.factories import PASSWORD, UserFactory
from accounts.tests.risk.signing_in import WINDOWS
from config.tests.mmdb import IN_PUNE
from events.models import OutboxEvent

pytestmark = pytest.mark.django_db


def test_people_see_their_own_live_sessions_newest_first(sign_in: SignIn) -> None:
    asha = sign_in(device_name="laptop")
    phone = sign_in(asha.user, device_name="phone")
    sign_in()
    listed = phone.client.get("/v1/auth/sessions").json()["results"]
    assert [(row["device_name"], row["current"]) for row in listed] == [
        ("phone", True),
        ("laptop", False),
    ]


def test_a_device_is_described_in_plain_words(sign_in: SignIn) -> None:
    asha = sign_in()
    browser = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36"
    Session.objects.update(user_agent=browser)
    row = asha.client.get("/v1/auth/sessions").json()["results"][0]
    assert (row["browser"], row["os"]) == ("Chrome", "Windows")


@pytest.mark.usefixtures("mapped", "ready")
def test_a_session_tells_its_place_and_its_risk() -> None:
    client = APIClient(REMOTE_ADDR=IN_PUNE, HTTP_USER_AGENT=WINDOWS)
    user = UserFactory.create(password=PASSWORD)
    body = {"email": user.email, "password": PASSWORD}
    tokens = post(client, "/v1/auth/login", body).json()
    sessions.begin(user=user, method=SignInMethod.PASSWORD, amr=("pwd",), device=Device())
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {tokens['access_token']}")
    unassessed, row = client.get("/v1/auth/sessions").json()["results"]
    assert (row["device"], row["country"], row["city"]) == ("Chrome on Windows, Pune", "IN", "Pune")
    assert (row["ip"], row["risk"], row["method"]) == (IN_PUNE, "low", "password")
    assert (unassessed["device"], unassessed["risk"]) == ("Unknown device", None)


def test_ending_a_session_refuses_its_tokens_at_once(sign_in: SignIn) -> None:
    asha = sign_in()
    phone = sign_in(asha.user)
    assert asha.client.delete(f"/v1/auth/sessions/{phone.tokens['session_id']}").status_code == 204
    assert phone.client.get("/v1/users/me").status_code == 401
    assert (
        post(APIClient(), "/v1/auth/refresh", {"refresh_token": phone.refresh_token}).status_code
        == 401
    )
    assert asha.client.get("/v1/users/me").status_code == 200


def test_a_refused_token_is_told_so_in_the_words_of_rfc_6750(sign_in: SignIn) -> None:
    asha = sign_in()
    post(asha.client, "/v1/auth/logout", {})
    refused = asha.client.get("/v1/users/me")
    assert 'error="invalid_token"' in refused["WWW-Authenticate"]


def test_signing_out_ends_this_session_alone(sign_in: SignIn) -> None:
    asha = sign_in()
    phone = sign_in(asha.user)
    assert post(asha.client, "/v1/auth/logout", {}).json() == {"sessions_revoked": 1}
    assert asha.client.get("/v1/users/me").status_code == 401
    assert phone.client.get("/v1/users/me").status_code == 200


def test_signing_out_everywhere_ends_them_all(sign_in: SignIn) -> None:
    asha = sign_in()
    phone = sign_in(asha.user)
    answer = post(asha.client, "/v1/auth/logout", {"all_devices": True})
    assert answer.json() == {"sessions_revoked": 2}
    assert answer.cookies["__Host-refresh_token"]["max-age"] == 0
    assert phone.client.get("/v1/users/me").status_code == 401
    ended = OutboxEvent.objects.filter(event_type="user.session.ended.v1")
    assert {event.data["reason"] for event in ended} == {"logout"}
    assert ended.count() == 2


@pytest.mark.parametrize(
    "session_id", ["ses_x", "usr_01h455vb4pex5vsknk084sn02q", "ses_01h455vb4pex5vsknk084sn02q"]
)
def test_a_session_that_is_not_there_is_not_found(sign_in: SignIn, session_id: str) -> None:
    answer = sign_in().client.delete(f"/v1/auth/sessions/{session_id}")
    assert answer.status_code == 404
    assert answer.json()["type"].endswith("/errors/session-not-found")


def test_nobody_ends_somebody_elses_session(sign_in: SignIn) -> None:
    asha, mallory = sign_in(), sign_in()
    assert (
        mallory.client.delete(f"/v1/auth/sessions/{asha.tokens['session_id']}").status_code == 404
    )
    assert asha.client.get("/v1/users/me").status_code == 200


def test_a_suspended_person_is_out_at_once(sign_in: SignIn) -> None:
    asha = sign_in()
    status.suspend(user=asha.user, reason="court order")
    assert asha.client.get("/v1/users/me").status_code == 401
    assert Session.objects.get().end_reason == EndReason.SUSPENDED


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "é", "x" * 10_000])
def test_a_token_that_is_none_is_refused(ready: None, token: str) -> None:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    assert client.get("/v1/users/me").status_code == 401


def test_another_scheme_counts_as_no_credentials(ready: None) -> None:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION="Basic YTpi")
    refused = client.get("/v1/users/me")
    assert (refused.status_code, refused["WWW-Authenticate"]) == (401, "Bearer")


def test_the_list_costs_the_same_number_of_queries_however_long(
    sign_in: SignIn,
) -> None:
    user = UserFactory.create(password=PASSWORD)
    asha = sign_in(user)
    asha.client.get("/v1/auth/sessions")

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            asha.client.get("/v1/auth/sessions")
        return len(queries)

    few = count()
    for _ in range(10):
        sign_in(user)
    assert count() == few
