"""`/v1/mfa` over HTTP."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from mfa.tests.factories import App, a_person, an_enrolled_person

pytestmark = pytest.mark.django_db
Api = Callable[..., APIClient]


def problem(response: Any) -> tuple[int, str]:
    body = response.json()
    assert response["Content-Type"] == "application/problem+json"
    return response.status_code, body["type"].rsplit("/", 1)[1]


def test_the_whole_story_of_an_authenticator_app(api: Api) -> None:
    person = a_person()
    client = api(person)
    assert client.get("/v1/mfa/devices").json() == {"devices": [], "backup_codes_left": 0}

    begun = client.post("/v1/mfa/totp/enroll")
    assert begun.status_code == 200
    assert begun["Cache-Control"] == "no-store"
    enrolment = begun.json()
    assert set(enrolment) == {"secret", "otpauth_uri", "qr_svg"}
    assert client.get("/v1/mfa/devices").json()["devices"] == []

    code = App(enrolment["secret"]).code()
    confirmed = client.post("/v1/mfa/totp/confirm", {"code": code}, format="json")
    assert confirmed.status_code == 200
    assert confirmed["Cache-Control"] == "no-store"
    assert len(confirmed.json()["backup_codes"]) == 10

    listed = client.get("/v1/mfa/devices").json()
    assert listed["backup_codes_left"] == 10
    assert [(device["type"], device["name"]) for device in listed["devices"]] == [
        ("totp", "Authenticator app")
    ]
    assert listed["devices"][0]["id"].startswith("totp_")
    assert "secret" not in str(listed)

    proved = api(person, acr="mfa")
    replaced = proved.post("/v1/mfa/backup-codes/regenerate")
    assert replaced.status_code == 200
    assert set(replaced.json()["backup_codes"]).isdisjoint(confirmed.json()["backup_codes"])
    assert proved.delete("/v1/mfa/totp").status_code == 204
    assert client.get("/v1/mfa/devices").json() == {"devices": [], "backup_codes_left": 0}


def test_removing_and_new_backup_codes_want_a_fresh_second_factor(api: Api) -> None:
    person, _, _ = an_enrolled_person()
    client = api(person)
    for response in (
        client.delete("/v1/mfa/totp"),
        client.post("/v1/mfa/backup-codes/regenerate"),
    ):
        assert problem(response) == (401, "step-up-required")
        assert "insufficient_user_authentication" in response["WWW-Authenticate"]
    assert client.get("/v1/mfa/devices").json()["backup_codes_left"] == 10


def test_a_wrong_code_is_a_problem_of_the_field(api: Api) -> None:
    person = a_person()
    client = api(person)
    app = App(client.post("/v1/mfa/totp/enroll").json()["secret"])
    response = client.post("/v1/mfa/totp/confirm", {"code": app.wrong_code()}, format="json")
    assert problem(response) == (400, "invalid-code")
    assert response.json()["errors"][0]["field"] == "code"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"code": ""},
        {"code": "12345"},
        {"code": "1234567"},
        {"code": "abcdef"},
        {"code": None},
        {"code": ["123456"]},
        {"code": "٠٥٠٤٧١"},
        {"code": "123456", "user": "usr_1"},
    ],
)
def test_a_malformed_confirmation_is_refused(api: Api, body: Any) -> None:
    response = api(a_person()).post("/v1/mfa/totp/confirm", body, format="json")
    assert problem(response) == (400, "invalid-request")


def test_states_that_do_not_fit_are_conflicts(api: Api) -> None:
    newcomer = api(a_person())
    response = newcomer.post("/v1/mfa/totp/confirm", {"code": "123456"}, format="json")
    assert problem(response) == (409, "mfa-nothing-to-confirm")
    person, _, _ = an_enrolled_person()
    assert problem(api(person).post("/v1/mfa/totp/enroll")) == (409, "mfa-already-enrolled")


def test_what_is_not_there_cannot_be_removed_or_replaced(api: Api) -> None:
    client = api(a_person(), acr="mfa")
    assert problem(client.delete("/v1/mfa/totp")) == (404, "mfa-not-enrolled")
    assert problem(client.post("/v1/mfa/backup-codes/regenerate")) == (404, "mfa-not-enrolled")


def test_one_sees_only_one_s_own_factors(api: Api) -> None:
    an_enrolled_person()
    assert api(a_person()).get("/v1/mfa/devices").json()["devices"] == []


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "devices"),
        ("post", "totp/enroll"),
        ("post", "totp/confirm"),
        ("delete", "totp"),
        ("post", "backup-codes/regenerate"),
    ],
)
def test_strangers_and_services_have_no_factors(api: Api, method: str, path: str) -> None:
    url = f"/v1/mfa/{path}"
    assert problem(getattr(api(), method)(url)) == (401, "unauthenticated")
    assert problem(getattr(api(service="ticker"), method)(url)) == (403, "forbidden")


def test_guessing_at_the_confirmation_is_limited(api: Api) -> None:
    person = a_person()
    client = api(person)
    app = App(client.post("/v1/mfa/totp/enroll").json()["secret"])
    body = {"code": app.wrong_code()}
    answers = [client.post("/v1/mfa/totp/confirm", body, format="json") for _ in range(11)]
    assert [answer.status_code for answer in answers] == [400] * 10 + [429]
    assert "Retry-After" in answers[-1]
