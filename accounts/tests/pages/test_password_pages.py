"""Signing in, up and out by e-mail and password on our pages: the same rules as through the API."""

from typing import Any

import pytest
from django.core import mail
from django.test import Client

from accounts.models import Session, User
from accounts.models.session import EndReason
from accounts.models.user import UserStatus
from accounts.services import sessions, status
from accounts.tests.conftest import SignIn
from accounts.tests.factories import PASSWORD, UserFactory
from accounts.tests.second_factor import code_of, enrol
from audit.models import AuthEvent

SIGN_IN, SIGN_UP, ACCOUNT = "/accounts/sign-in", "/accounts/sign-up", "/accounts/"
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ready")]


@pytest.fixture
def asha() -> User:
    user: User = UserFactory.create(email="asha@example.com", password=PASSWORD)
    return user


def sign_in(browser: Client, email: str = "asha@example.com", password: str = PASSWORD) -> Any:
    return browser.post(SIGN_IN, {"email": email, "password": password})


def text(answer: Any) -> str:
    return str(answer.content.decode())


def test_the_right_password_begins_a_session_that_is_listed_like_any(asha: User) -> None:
    browser = Client(headers={"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"})
    assert sign_in(browser)["Location"] == ACCOUNT
    session = Session.objects.get()
    assert (session.user, session.method, session.amr) == (asha, "password", ["pwd"])
    assert "Firefox" in text(browser.get(ACCOUNT))
    row = AuthEvent.objects.get(event_type="auth.login.succeeded")
    assert (row.metadata["method"], row.session_id) == ("password", session.public_id)


def test_the_cookie_gets_a_new_value_at_sign_in(asha: User) -> None:
    browser = Client()
    browser.session["planted"] = "by somebody else"
    browser.session.save()
    before = browser.session.session_key
    sign_in(browser)
    assert browser.session.session_key != before


@pytest.mark.parametrize("email", ["asha@example.com", "nobody@example.com"])
def test_a_wrong_password_and_an_unknown_address_are_told_alike(asha: User, email: str) -> None:
    answer = sign_in(Client(), email, "not the password")
    assert "E-mail or password is not right." in text(answer)
    assert not Session.objects.exists()


def test_a_suspended_person_is_told_no_more(asha: User) -> None:
    status.suspend(user=asha, reason="test")
    assert "E-mail or password is not right." in text(sign_in(Client()))


def test_guesses_are_delayed_whichever_door_they_come_to(asha: User) -> None:
    for _ in range(5):
        sign_in(Client(), password="not the password")
    assert "E-mail or password is not right." in text(sign_in(Client()))
    assert AuthEvent.objects.filter(event_type="auth.login.delayed").count() == 1


def test_an_address_gets_thirty_tries(asha: User) -> None:
    for number in range(30):
        sign_in(Client(), f"nobody{number}@example.com", "x")
    assert "Too many tries" in text(sign_in(Client()))


def test_a_second_factor_is_asked_for_before_the_session(asha: User, request: Any) -> None:
    api_sign_in: SignIn = request.getfixturevalue("sign_in")
    secret = enrol(api_sign_in(asha))
    browser = Client()
    answer = sign_in(browser)
    assert answer["Location"] == "/accounts/second-factor"
    assert browser.get(ACCOUNT).status_code == 302
    browser.post(answer["Location"], {"code": code_of(secret, steps=1)})
    assert browser.get(ACCOUNT).status_code == 200
    assert Session.objects.filter(amr=["pwd", "otp"], acr="mfa").exists()


def test_the_second_factors_page_is_nothing_without_a_first(asha: User) -> None:
    answer = Client().post("/accounts/second-factor", {"code": "123456"})
    assert answer["Location"] == SIGN_IN


def test_signing_up_sends_a_mail_and_says_no_more(django_capture_on_commit_callbacks: Any) -> None:
    form = {"name": "Asha Rao", "email": "asha@example.com", "password": PASSWORD}
    with django_capture_on_commit_callbacks(execute=True):
        answer = Client().post(SIGN_UP, form)
    assert answer["Location"] == "/accounts/check-your-mail"
    assert User.objects.get().status == UserStatus.PENDING_VERIFICATION
    link = mail.outbox[-1].body.partition("/accounts/verify-email?token=")[2].split()[0]
    Client().post("/accounts/verify-email", {"token": link})
    assert sign_in(Client())["Location"] == ACCOUNT


def test_signing_up_with_a_known_address_looks_the_same(
    asha: User, django_capture_on_commit_callbacks: Any
) -> None:
    form = {"name": "Mallory", "email": "ASHA@example.com", "password": PASSWORD}
    with django_capture_on_commit_callbacks(execute=True):
        answer = Client().post(SIGN_UP, form)
    assert answer["Location"] == "/accounts/check-your-mail"
    assert "already" in mail.outbox[-1].subject
    assert User.objects.count() == 1


def test_a_weak_password_is_explained_beside_its_field() -> None:
    form = {"name": "Asha Rao", "email": "asha@example.com", "password": "short"}
    answer = Client().post(SIGN_UP, form)
    assert "too short" in text(answer)
    assert not User.objects.exists()


def test_five_accounts_an_hour_are_all_an_address_may_ask_for() -> None:
    for number in range(5):
        form = {"name": "Asha", "email": f"asha{number}@example.com", "password": PASSWORD}
        assert Client().post(SIGN_UP, form).status_code == 302
    form = {"name": "Asha", "email": "asha@example.com", "password": PASSWORD}
    assert "Too many tries" in text(Client().post(SIGN_UP, form))


@pytest.mark.parametrize("email", ["asha@example.com", "nobody@example.com"])
def test_a_forgotten_password_gets_the_same_answer_for_every_address(
    asha: User, email: str
) -> None:
    answer = Client().post("/accounts/forgot-password", {"email": email})
    assert answer["Location"] == "/accounts/forgot-password/sent"
    assert len(mail.outbox) == (email == asha.email)
    assert Client().get(answer["Location"]).status_code == 200


def test_the_verification_mail_can_be_asked_for_again() -> None:
    UserFactory.create(
        email="asha@example.com", status=UserStatus.PENDING_VERIFICATION, email_verified_at=None
    )
    answer = Client().post("/accounts/resend-verification", {"email": "asha@example.com"})
    assert answer["Location"] == "/accounts/check-your-mail"
    assert "verify-email" in mail.outbox[-1].body


def test_signing_out_ends_the_session_and_wants_a_button(asha: User) -> None:
    browser = Client()
    sign_in(browser)
    assert "Sign out?" in text(browser.get("/accounts/sign-out"))
    assert browser.get(ACCOUNT).status_code == 200
    assert browser.post("/accounts/sign-out")["Location"] == SIGN_IN
    assert browser.get(ACCOUNT).status_code == 302
    session = Session.objects.get()
    assert session.end_reason == "logout"


@pytest.mark.parametrize("how", ["suspended", "ended elsewhere"])
def test_a_browser_is_signed_out_at_once_when_its_session_ends(asha: User, how: str) -> None:
    browser = Client()
    sign_in(browser)
    if how == "suspended":
        status.suspend(user=asha, reason="test")
    else:
        sessions.end_all(user=asha, reason=EndReason.REVOKED)
    answer = browser.get(ACCOUNT)
    assert (answer.status_code, answer["Location"]) == (302, f"{SIGN_IN}?next=%2Faccounts%2F")


def test_the_way_there_is_remembered_and_is_ours(asha: User) -> None:
    browser = Client()
    page = text(browser.get(f"{SIGN_IN}?next=/accounts/security"))
    assert 'value="/accounts/security"' in page
    form = {"email": asha.email, "password": PASSWORD}
    assert browser.post(SIGN_IN, {**form, "next": "/accounts/security"})["Location"] == (
        "/accounts/security"
    )
    for elsewhere in ("https://evil.example/", "//evil.example", "/\\evil.example"):
        assert Client().post(SIGN_IN, {**form, "next": elsewhere})["Location"] == ACCOUNT


def test_programs_get_no_second_api_here(asha: User) -> None:
    answer = Client().post(
        SIGN_IN,
        {"email": asha.email, "password": "wrong"},
        headers={"X-Requested-With": "XMLHttpRequest", "Accept": "application/json"},
    )
    assert answer["Content-Type"].startswith("text/html")


@pytest.mark.parametrize(
    "path",
    [
        "/accounts/login/",
        "/accounts/email/",
        "/accounts/password/set/",
        "/accounts/password/change/",
        "/accounts/confirm-email/x/",
        "/accounts/3rdparty/",
        "/accounts/social/connections/",
        "/accounts/oidc/google/login/",
    ],
)
def test_what_else_allauth_can_do_has_no_address(path: str) -> None:
    assert Client().get(path).status_code == 404


def test_every_form_wants_our_own_page(asha: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    for path in (SIGN_IN, SIGN_UP, "/accounts/forgot-password", "/accounts/sign-out"):
        assert browser.post(path, {"email": asha.email}).status_code == 403
