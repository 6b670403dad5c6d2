"""My account: devices, and what opens the account."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.socialaccount.models import SocialAccount
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.errors import LastWayInError
from accounts.models import Session, User
from accounts.services import linked_sign_ins
from accounts.services.linked_sign_ins import Identity
from accounts.tests.conftest import SignIn, post
from accounts.tests.factories import PASSWORD, UserFactory
from accounts.tests.openid_provider import AtProvider, Person, onward
from accounts.tests.second_factor import code_of
from audit.models import AuthEvent
from mfa.services import totp
from tests.racing import at_once

ACCOUNT = "/accounts/"
PROVE = "/accounts/prove-yourself?next=%2Faccounts%2F"
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ready")]


@pytest.fixture
def asha() -> User:
    user: User = UserFactory.create(email="asha@example.com", password=PASSWORD)
    return user


@pytest.fixture
def browser(asha: User) -> Client:
    return signed_in(asha)


def signed_in(user: User) -> Client:
    browser = Client()
    answer = browser.post("/accounts/sign-in", {"email": user.email, "password": PASSWORD})
    assert answer["Location"] == ACCOUNT
    return browser


def text(answer: Any) -> str:
    return str(answer.content.decode())


def connect(google: AtProvider, browser: Client, person: Person | None = None) -> Any:
    begun = browser.post("/accounts/sign-ins/google/connect")
    answer = google.provider.authorize(onward(begun), person or Person(email="a.rao@example.com"))
    return google.come_back(browser, answer)


def test_a_stranger_signs_in_first_and_comes_back() -> None:
    assert Client().get(ACCOUNT)["Location"] == "/accounts/sign-in?next=%2Faccounts%2F"
    for path in ("devices/end-all", "devices/ses_x/end", "sign-ins/google/connect"):
        assert Client().post(ACCOUNT + path)["Location"] == "/accounts/sign-in"


def test_one_device_is_signed_out(asha: User, browser: Client, sign_in: SignIn) -> None:
    phone = sign_in(asha, device_name="Pixel 9")
    assert "Pixel 9" in text(browser.get(ACCOUNT))
    browser.post(f"{ACCOUNT}devices/{phone.tokens['session_id']}/end")
    assert phone.client.get("/v1/users/me").status_code == 401
    assert "Pixel 9" not in text(browser.get(ACCOUNT))


def test_nobody_elses_device_is(browser: Client, sign_in: SignIn) -> None:
    ravi = sign_in()
    answer = browser.post(f"{ACCOUNT}devices/{ravi.tokens['session_id']}/end")
    assert answer.status_code == 302
    assert ravi.client.get("/v1/users/me").status_code == 200


def test_this_device_is_signed_out_like_another(browser: Client) -> None:
    session = Session.objects.get()
    browser.post(f"{ACCOUNT}devices/{session.public_id}/end")
    assert browser.get(ACCOUNT).status_code == 302


def test_all_devices_are_signed_out(asha: User, browser: Client, sign_in: SignIn) -> None:
    phone = sign_in(asha)
    browser.post(f"{ACCOUNT}devices/end-all")
    assert phone.client.get("/v1/users/me").status_code == 401
    assert browser.get(ACCOUNT).status_code == 302
    assert not Session.objects.live().exists()


def test_google_is_connected_and_opens_the_account(
    google: AtProvider,
    asha: User,
    browser: Client,
    django_capture_on_commit_callbacks: Any,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        assert connect(google, browser)["Location"] == ACCOUNT
    assert SocialAccount.objects.get().user == asha
    assert "connected" in mail.outbox[-1].body
    assert "a.rao@example.com" in text(browser.get(ACCOUNT))
    other = Client()
    google.sign_in(other, Person(email="a.rao@example.com"))
    assert "asha@example.com" in text(other.get(ACCOUNT))


def test_what_opens_anothers_account_is_not_connected(google: AtProvider, browser: Client) -> None:
    google.sign_in(Client(), Person(email="ravi@example.com"))
    answer = connect(google, browser, Person(email="ravi@example.com"))
    assert answer.status_code == 409
    assert SocialAccount.objects.get().user.email == "ravi@example.com"


def test_a_second_account_of_the_same_provider_is_not_connected(
    google: AtProvider, browser: Client
) -> None:
    connect(google, browser)
    answer = connect(google, browser, Person(email="other@example.com"))
    assert answer.status_code == 409
    assert SocialAccount.objects.count() == 1


def test_an_address_not_verified_there_is_not_connected(
    google: AtProvider, browser: Client
) -> None:
    answer = connect(google, browser, Person(email_verified=False))
    assert answer.status_code == 403
    assert not SocialAccount.objects.exists()


def test_connecting_belongs_to_the_browser_that_began_it(
    google: AtProvider, browser: Client
) -> None:
    """Otherwise an attacker's Google account would be put into the victim's."""
    attacker = signed_in(UserFactory.create(password=PASSWORD))
    begun = attacker.post("/accounts/sign-ins/google/connect")
    answer = google.provider.authorize(onward(begun), Person(email="mallory@example.com"))
    assert google.come_back(browser, answer).status_code == 400
    assert not SocialAccount.objects.exists()


def test_connecting_under_way_ends_with_the_session(google: AtProvider, browser: Client) -> None:
    begun = browser.post("/accounts/sign-ins/google/connect")
    answer = google.provider.authorize(onward(begun), Person())
    browser.post(f"{ACCOUNT}devices/end-all")
    assert google.come_back(browser, answer).status_code in {302, 400}
    assert not SocialAccount.objects.exists()


def test_disconnecting_closes_that_door(
    google: AtProvider, browser: Client, django_capture_on_commit_callbacks: Any
) -> None:
    connect(google, browser)
    link = SocialAccount.objects.get()
    with django_capture_on_commit_callbacks(execute=True):
        browser.post(f"{ACCOUNT}sign-ins/{link.pk}/disconnect")
    assert not SocialAccount.objects.exists()
    assert "disconnected" in mail.outbox[-1].body
    assert AuthEvent.objects.filter(event_type="account.sign_in.unlinked").count() == 1
    assert browser.get(ACCOUNT).status_code == 200


def test_nobody_elses_connection_is_cut(google: AtProvider, browser: Client) -> None:
    google.sign_in(Client(), Person(email="ravi@example.com"))
    link = SocialAccount.objects.get()
    browser.post(f"{ACCOUNT}sign-ins/{link.pk}/disconnect")
    assert SocialAccount.objects.filter(pk=link.pk).exists()


def test_the_last_way_in_stays(google: AtProvider) -> None:
    browser = Client()
    google.sign_in(browser, Person())
    link = SocialAccount.objects.get()
    answer = browser.post(f"{ACCOUNT}sign-ins/{link.pk}/disconnect")
    assert answer.status_code == 409
    assert "Choose a password first" in text(answer)
    assert SocialAccount.objects.exists()


@pytest.mark.parametrize("change", ["connect", "disconnect"])
def test_what_opens_the_account_changes_only_shortly_after_a_proof(
    google: AtProvider, browser: Client, change: str
) -> None:
    connect(google, browser)
    link = SocialAccount.objects.get()
    path = "google/connect" if change == "connect" else f"{link.pk}/disconnect"
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        assert browser.post(f"{ACCOUNT}sign-ins/{path}")["Location"] == PROVE
        assert SocialAccount.objects.exists()
        wrong = browser.post(PROVE, {"password": "not the password"})
        assert "not right" in text(wrong)
        assert browser.post(PROVE, {"password": PASSWORD})["Location"] == ACCOUNT
        assert browser.post(f"{ACCOUNT}sign-ins/{path}")[
            "Location" if change == "disconnect" else "Refresh"
        ]


def test_whoever_has_a_second_factor_proves_that_one(
    google: AtProvider, asha: User, browser: Client
) -> None:
    secret = totp.enroll(user=asha).secret
    totp.confirm(user=asha, code=code_of(secret))
    path = f"{ACCOUNT}sign-ins/google/connect"
    assert browser.post(path)["Location"] == PROVE
    assert "authenticator" in text(browser.get(PROVE))
    browser.post(PROVE, {"password": PASSWORD})
    assert browser.post(path)["Location"] == PROVE
    browser.post(PROVE, {"code": code_of(secret, steps=1)})
    assert onward(browser.post(path)).startswith(google.provider.issuer)


def test_whoever_has_nothing_to_type_signs_in_again(google: AtProvider) -> None:
    browser = Client()
    google.sign_in(browser, Person())
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        path = f"{ACCOUNT}sign-ins/google/connect"
        assert browser.post(path)["Location"] == PROVE
        assert "Sign in once more" in text(browser.get(PROVE))


def test_ten_tries_to_confirm_in_five_minutes_are_all_there_are(browser: Client) -> None:
    proven_at = Session.objects.get().auth_time
    for _ in range(10):
        browser.post(PROVE, {"password": "not the password"})
    browser.post(PROVE, {"password": PASSWORD})
    assert Session.objects.get().auth_time == proven_at


@pytest.mark.django_db(transaction=True)
def test_of_two_last_ways_in_removed_at_once_one_stays() -> None:
    user = UserFactory.create(password=None)
    for provider in ("google", "acme"):
        identity = Identity(
            provider=provider,
            subject="1",
            email=user.email,
            email_verified=True,
            name="",
        )
        linked_sign_ins.link(user=user, identity=identity)

    def remove(pk: int) -> Any:
        return linked_sign_ins.unlink(user=user, link_id=pk)

    first, second = linked_sign_ins.linked_to(user).values_list("pk", flat=True)
    answers = at_once(lambda: remove(first), lambda: remove(second))
    assert sorted(map(type, answers), key=str) == [type(None), LastWayInError]
    assert SocialAccount.objects.count() == 1


def test_the_api_lists_the_browser_among_the_devices(
    asha: User, browser: Client, sign_in: SignIn
) -> None:
    phone = sign_in(asha)
    listed = phone.client.get("/v1/auth/sessions").json()["results"]
    assert {each["method"] for each in listed} == {"password"}
    assert len(listed) == 2
    post(phone.client, "/v1/auth/logout", {"all_devices": True})
    assert browser.get(ACCOUNT).status_code == 302
