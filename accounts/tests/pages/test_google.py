"""Signing in with Google on our pages: who gets in, as whom, and who does not."""

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.core import mail
from django.test import Client
from rest_framework.test import APIClient

from accounts.events.people import SignInLinked, UserCreated, UserVerified
from accounts.models import Session, SingleUseToken, User
from accounts.models.user import UserStatus
from accounts.services import status
from accounts.tests.conftest import SignIn, post
from accounts.tests.factories import PASSWORD, UserFactory
from accounts.tests.openid_provider import AtProvider, Person
from accounts.tests.second_factor import code_of, enrol
from audit.models import AuthEvent
from events.domain import DomainEvent

ACCOUNT = "/accounts/"
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ready")]


def is_in(browser: Client) -> bool:
    return browser.get(ACCOUNT).status_code == 200


def text(answer: Any) -> str:
    return str(answer.content.decode())


def test_the_first_sign_in_makes_an_account_that_is_verified(
    google: AtProvider, heard: list[DomainEvent]
) -> None:
    browser = Client()
    answer = google.sign_in(browser, Person())
    assert (answer.status_code, answer["Location"]) == (302, ACCOUNT)
    user = User.objects.get()
    assert (user.email, user.name, user.status) == ("asha@example.com", "Asha Rao", "active")
    assert user.email_verified_at is not None
    assert not user.has_usable_password()
    session = Session.objects.get()
    assert (session.user, session.method, session.acr, session.amr) == (
        user,
        "google",
        "pwd",
        ["fed"],
    )
    assert [type(e) for e in heard if isinstance(e, UserCreated | SignInLinked)] == [
        UserCreated,
        SignInLinked,
    ]
    assert "asha@example.com" in text(browser.get(ACCOUNT))


@pytest.mark.parametrize(
    ("name", "taken"),
    [
        ("", "asha rao"),
        ("Win at www.evil.example", "asha rao"),
        ("A" * 151, "asha rao"),
        (" Asha ", "Asha"),
    ],
)
def test_what_may_not_be_a_name_is_none_of_ours(google: AtProvider, name: str, taken: str) -> None:
    google.sign_in(Client(), Person(email="asha.rao@example.com", name=name))
    assert User.objects.get().name == taken


def test_the_second_sign_in_is_the_same_person_whatever_their_address_is_there(
    google: AtProvider,
) -> None:
    google.sign_in(Client(), Person(subject="42"))
    browser = Client()
    google.sign_in(browser, Person(email="asha.rao@example.com", subject="42"))
    assert is_in(browser)
    assert User.objects.get().email == "asha@example.com"
    assert Session.objects.count() == 2


def test_it_is_on_the_trail_and_in_the_persons_devices(google: AtProvider) -> None:
    browser = Client(headers={"User-Agent": "Mozilla/5.0 (Windows NT 10.0) Firefox/140.0"})
    google.sign_in(browser, Person())
    row = AuthEvent.objects.get(event_type="auth.login.succeeded")
    assert (row.metadata["method"], row.actor_id) == ("google", User.objects.get().public_id)
    assert AuthEvent.objects.filter(event_type="account.sign_in.linked").count() == 1
    page = text(browser.get(ACCOUNT))
    assert "Firefox · Windows" in page
    assert "this device" in page


@pytest.mark.parametrize("verified", [False, "false", "true", None, 1])
def test_an_address_that_the_provider_has_not_verified_opens_nothing(
    google: AtProvider, verified: Any
) -> None:
    UserFactory.create(email="asha@example.com", password=PASSWORD)
    browser = Client()
    for person in (
        Person(email_verified=verified),
        Person(email="new@example.com", email_verified=verified),
    ):
        answer = google.sign_in(browser, person)
        assert answer.status_code == 403
        assert "not verified" in text(answer)
    assert not is_in(browser)
    assert User.objects.count() == 1
    assert not SocialAccount.objects.exists()


def test_an_account_with_a_password_is_asked_for_it_before_it_is_connected(
    google: AtProvider, django_capture_on_commit_callbacks: Any
) -> None:
    asha = UserFactory.create(email="Asha@example.com", password=PASSWORD)
    browser = Client()
    answer = google.sign_in(browser, Person())
    assert answer["Location"] == "/accounts/sign-in/connect"
    assert not SocialAccount.objects.exists()
    assert "asha@example.com" in text(browser.get(answer["Location"]))
    wrong = browser.post(answer["Location"], {"password": "not the password"})
    assert "not right" in text(wrong)
    assert not is_in(browser)

    with django_capture_on_commit_callbacks(execute=True):
        right = browser.post(answer["Location"], {"password": PASSWORD})

    assert right["Location"] == ACCOUNT
    assert is_in(browser)
    assert SocialAccount.objects.get().user == asha
    assert "connected" in mail.outbox[-1].body
    again = Client()
    assert google.sign_in(again, Person())["Location"] == ACCOUNT
    assert is_in(again)


def test_guesses_at_the_password_before_connecting_are_throttled_like_any(
    google: AtProvider,
) -> None:
    UserFactory.create(email="asha@example.com", password=PASSWORD)
    browser = Client()
    page = google.sign_in(browser, Person())["Location"]
    for _ in range(5):
        browser.post(page, {"password": "not the password"})
    assert "not right" in text(browser.post(page, {"password": PASSWORD}))
    assert AuthEvent.objects.filter(event_type="auth.login.delayed").exists()
    assert not SocialAccount.objects.exists()


def test_an_account_that_only_another_sign_in_opens_is_not_handed_over(
    google: AtProvider,
) -> None:
    google.sign_in(Client(), Person(subject="first"))
    browser = Client()
    answer = google.sign_in(browser, Person(subject="second"))
    assert answer.status_code == 409
    assert "already" in text(answer)
    assert not is_in(browser)
    assert SocialAccount.objects.get().uid == "first"


def test_an_account_begun_by_a_stranger_is_taken_over_without_the_strangers_password(
    google: AtProvider, heard: list[DomainEvent], django_capture_on_commit_callbacks: Any
) -> None:
    stranger = {
        "email": "asha@example.com",
        "password": PASSWORD,
        "name": "Not Asha",
        "phone": "+919876543210",
    }
    with django_capture_on_commit_callbacks(execute=True):
        post(APIClient(), "/v1/auth/register", stranger)
    post(APIClient(), "/v1/auth/password/reset-request", {"email": stranger["email"]})
    verification, reset = (
        message.body.partition("token=")[2].split()[0] for message in mail.outbox
    )

    browser = Client()
    assert google.sign_in(browser, Person())["Location"] == ACCOUNT

    asha = User.objects.get()
    assert (asha.status, asha.name, asha.phone) == (UserStatus.ACTIVE, "Asha Rao", "")
    assert any(isinstance(event, UserVerified) for event in heard)
    login = {"email": asha.email, "password": PASSWORD}
    assert post(APIClient(), "/v1/auth/login", login).status_code == 401
    assert post(APIClient(), "/v1/auth/email/verify", {"token": verification}).status_code == 400
    again = {"token": reset, "new_password": "seven quiet rivers run"}
    assert post(APIClient(), "/v1/auth/password/reset", again).status_code == 400
    assert not SingleUseToken.objects.usable().exists()


@pytest.mark.parametrize("change", [status.suspend, status.deactivate])
@pytest.mark.parametrize("linked", [True, False])
def test_whoever_is_shut_out_is_refused_in_one_text(
    google: AtProvider, change: Any, linked: bool
) -> None:
    if linked:
        google.sign_in(Client(), Person())
    else:
        UserFactory.create(email="asha@example.com", password=PASSWORD)
    change(user=User.objects.get(), reason="test")
    browser = Client()
    answer = google.sign_in(browser, Person())
    assert answer.status_code == 403
    assert "You cannot sign in" in text(answer)
    assert "suspended" not in text(answer)
    assert not is_in(browser)
    assert AuthEvent.objects.filter(event_type="auth.login.failed").exists()


def test_a_second_factor_is_still_demanded(google: AtProvider, sign_in: SignIn) -> None:
    google.sign_in(Client(), Person())
    secret = enrol_for(User.objects.get(), sign_in)
    browser = Client()
    answer = google.sign_in(browser, Person())
    assert answer["Location"] == "/accounts/second-factor"
    assert not is_in(browser)
    assert "not valid" in text(browser.post(answer["Location"], {"code": "000000"}))
    browser.post(answer["Location"], {"code": code_of(secret, steps=1)})
    assert is_in(browser)
    session = Session.objects.first()
    assert session is not None
    assert (session.method, session.acr, session.amr) == ("google", "mfa", ["fed", "otp"])


def test_nothing_is_connected_before_the_second_factor_is_proven(
    google: AtProvider, sign_in: SignIn
) -> None:
    asha = sign_in(UserFactory.create(email="asha@example.com", password=PASSWORD))
    secret = enrol(asha)
    browser = Client()
    page = google.sign_in(browser, Person())["Location"]
    factor = browser.post(page, {"password": PASSWORD})["Location"]
    assert factor == "/accounts/second-factor"
    assert not SocialAccount.objects.exists()
    browser.post(factor, {"code": code_of(secret, steps=1)})
    assert SocialAccount.objects.get().user == asha.user
    assert is_in(browser)


def test_five_wrong_codes_lead_back_to_the_beginning(google: AtProvider, sign_in: SignIn) -> None:
    google.sign_in(Client(), Person())
    secret = enrol_for(User.objects.get(), sign_in)
    browser = Client()
    page = google.sign_in(browser, Person())["Location"]
    for _ in range(5):
        browser.post(page, {"code": "aaaaa-aaaaa"})
    answer = browser.post(page, {"code": code_of(secret, steps=1)})
    assert answer["Location"] == "/accounts/sign-in"
    assert not is_in(browser)


def test_a_new_password_ends_the_sign_in_that_waits_for_its_factor(
    google: AtProvider, sign_in: SignIn
) -> None:
    asha = sign_in(UserFactory.create(email="asha@example.com", password=PASSWORD))
    secret = enrol(asha)
    browser = Client()
    answer = browser.post("/accounts/sign-in", {"email": asha.user.email, "password": PASSWORD})
    post(APIClient(), "/v1/auth/password/reset-request", {"email": asha.user.email})
    token = mail.outbox[-1].body.partition("token=")[2].split()[0]
    reset = {"token": token, "new_password": "seven quiet rivers run"}
    assert post(APIClient(), "/v1/auth/password/reset", reset).status_code == 200
    browser.post(answer["Location"], {"code": code_of(secret, steps=1)})
    assert not is_in(browser)


@pytest.mark.parametrize(
    "person",
    [
        Person(without_id_token=True),
        Person(userinfo={"sub": "somebody else"}),
        Person(userinfo={"sub": None}),
        Person(id_token={"iss": "https://accounts.example.com"}),
        Person(id_token={"aud": "another client"}),
        Person(id_token={"exp": 1}),
        Person(id_token={"sub": None}),
    ],
    ids=[
        "no id token",
        "other subject",
        "no subject",
        "other issuer",
        "other audience",
        "expired",
        "none",
    ],
)
def test_an_answer_that_is_not_for_us_or_of_one_person_opens_nothing(
    google: AtProvider, person: Person
) -> None:
    browser = Client()
    answer = google.sign_in(browser, person)
    assert answer.status_code == 400
    assert "did not work" in text(answer)
    assert not User.objects.exists()
    assert not is_in(browser)


def test_an_answer_is_good_only_in_the_browser_that_asked(google: AtProvider) -> None:
    """Login CSRF: the attacker's own answer, brought by the victim's browser."""
    attacker, victim = Client(), Client()
    answer = google.provider.authorize(google.begin(attacker), Person(email="mallory@example.com"))
    google.begin(victim)
    assert google.come_back(victim, answer).status_code == 400
    assert not is_in(victim)
    assert not User.objects.exists()


def test_a_code_of_another_sign_in_fails_at_the_provider(google: AtProvider) -> None:
    """Code injection: a stolen code with the state of one's own sign-in; PKCE tells them apart."""
    victim, attacker = Client(), Client()
    stolen = google.provider.authorize(google.begin(victim), Person())
    own = google.provider.authorize(google.begin(attacker), Person(email="mallory@example.com"))
    answer = google.come_back(attacker, {"code": stolen["code"], "state": own["state"]})
    assert answer.status_code == 400
    assert not is_in(attacker)
    assert google.provider.refused == [stolen["code"]]


def test_an_answer_works_once(google: AtProvider) -> None:
    browser = Client()
    answer = google.provider.authorize(google.begin(browser), Person())
    google.come_back(browser, answer)
    browser.post("/accounts/sign-out")
    assert google.come_back(browser, answer).status_code == 400
    assert not is_in(browser)


def test_a_provider_that_claims_to_be_another_is_not_asked(google: AtProvider) -> None:
    google.provider.metadata = {"issuer": "https://accounts.example.com"}
    answer = Client().post("/accounts/sign-in/with/google")
    assert answer.status_code == 503


def test_a_provider_that_forgets_its_endpoints_while_we_wait_is_no_error_of_ours(
    google: AtProvider,
) -> None:
    browser = Client()
    answer = google.provider.authorize(google.begin(browser), Person())
    google.provider.metadata = {"token_endpoint": None}
    assert google.come_back(browser, answer).status_code == 503
    assert not is_in(browser)


def test_saying_no_at_the_provider_changes_nothing(google: AtProvider) -> None:
    browser = Client()
    state = google.provider.authorize(google.begin(browser), Person())["state"]
    answer = google.come_back(browser, {"error": "access_denied", "state": state})
    assert answer.status_code == 400
    assert "You did not sign in" in text(answer)


def test_a_provider_that_is_away_is_said_so(google: AtProvider, environment: Any) -> None:
    environment(google_client_id="here", google_server_url="http://127.0.0.1:9")
    answer = Client().post("/accounts/sign-in/with/google")
    assert answer.status_code == 503
    assert "does not answer" in text(answer)


def test_without_google_there_is_no_button_and_no_door(db: None) -> None:
    assert "Google" not in text(Client().get("/accounts/sign-in"))
    assert Client().post("/accounts/sign-in/with/google").status_code == 404
    assert Client().get("/accounts/oidc/google/callback").status_code == 404


def test_the_button_wants_our_own_page(google: AtProvider) -> None:
    browser = Client(enforce_csrf_checks=True)
    assert browser.post("/accounts/sign-in/with/google").status_code == 403
    assert browser.get("/accounts/sign-in/with/google").status_code == 405


@pytest.mark.parametrize(
    "then", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_nobody_is_sent_elsewhere_after_signing_in(google: AtProvider, then: str) -> None:
    assert google.sign_in(Client(), Person(), next=then)["Location"] == ACCOUNT
    answer = google.sign_in(Client(), Person(), next="/accounts/security")
    assert answer["Location"] == "/accounts/security"


def test_allauths_own_tables_hold_the_connection_and_nothing_else(google: AtProvider) -> None:
    google.sign_in(Client(), Person())
    assert SocialAccount.objects.get().extra_data == {"email": "asha@example.com"}
    for table in (EmailAddress, SocialApp, SocialToken):
        assert not table.objects.exists()


def enrol_for(user: User, sign_in: SignIn) -> str:
    """A second factor for somebody whom no password opens."""
    from mfa.services import totp

    secret = totp.enroll(user=user).secret
    totp.confirm(user=user, code=code_of(secret))
    return secret
