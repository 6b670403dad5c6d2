"""Asking for an account, and proving the address."""

import re
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.models import User
from accounts.models.user import UserStatus
from accounts.tests.conftest import post
from accounts.tests.factories import PASSWORD, UserFactory
from audit.models import AuthEvent
from events.models import OutboxEvent

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ready")]
ASHA = {"email": "asha@example.com", "password": PASSWORD, "name": "Asha Rao"}


def register(django_capture_on_commit_callbacks: Any, **changes: Any) -> Any:
    with django_capture_on_commit_callbacks(execute=True):
        return post(APIClient(), "/v1/auth/register", ASHA | changes)


def token_in_mail() -> str:
    found = re.search(r"token=(\S+)", str(mail.outbox[-1].body))
    assert found
    return found[1]


def test_a_registration_waits_for_its_address_to_be_verified(
    django_capture_on_commit_callbacks: Any,
) -> None:
    answer = register(django_capture_on_commit_callbacks, phone="+919876543210", locale="hi")
    assert (answer.status_code, answer.json()) == (202, {"status": "pending_verification"})
    user = User.objects.get()
    assert user.status == UserStatus.PENDING_VERIFICATION
    assert (user.name, user.phone, user.locale) == ("Asha Rao", "+919876543210", "hi")
    assert user.password.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert (
        post(APIClient(), "/v1/auth/login", {"email": user.email, "password": PASSWORD}).status_code
        == 401
    )


def test_the_mailed_token_makes_the_account_active_once(
    django_capture_on_commit_callbacks: Any,
) -> None:
    register(django_capture_on_commit_callbacks)
    token = token_in_mail()
    answer = post(APIClient(), "/v1/auth/email/verify", {"token": token})
    assert answer.status_code == 200
    assert answer.json()["status"] == "active"
    again = post(APIClient(), "/v1/auth/email/verify", {"token": token})
    assert again.status_code == 400
    assert again.json()["type"].endswith("/errors/invalid-single-use-token")


def test_a_password_opens_in_whichever_unicode_form_it_is_typed(
    django_capture_on_commit_callbacks: Any,
) -> None:
    register(
        django_capture_on_commit_callbacks, password="cafe\u0301 cre\u0300me bru\u0302le\u0301e"
    )
    post(APIClient(), "/v1/auth/email/verify", {"token": token_in_mail()})
    body = {"email": ASHA["email"], "password": "caf\u00e9 cr\u00e8me br\u00fbl\u00e9e"}
    assert post(APIClient(), "/v1/auth/login", body).status_code == 200


def test_what_happened_is_announced_and_on_the_trail(
    django_capture_on_commit_callbacks: Any,
) -> None:
    register(django_capture_on_commit_callbacks)
    post(APIClient(), "/v1/auth/email/verify", {"token": token_in_mail()})
    user = User.objects.get()
    announced = OutboxEvent.objects.filter(aggregate_id=user.public_id).order_by("id")
    types = [event.event_type for event in announced]
    assert [kind for kind in types if kind.startswith("user.")] == [
        "user.created.v1",
        "user.verified.v1",
    ]
    assert announced.get(event_type="user.created.v1").data["email"] == "asha@example.com"
    created = AuthEvent.objects.get(event_type="account.created")
    assert created.subject_user_id == user.public_id
    assert "asha@example.com" not in str(created.metadata)


def test_a_known_address_gets_the_same_answer_and_a_mail_that_says_so(
    django_capture_on_commit_callbacks: Any,
) -> None:
    owner = UserFactory.create(email="Asha@Example.com")
    answer = register(django_capture_on_commit_callbacks)
    assert (answer.status_code, answer.json()) == (202, {"status": "pending_verification"})
    assert User.objects.get() == owner
    assert mail.outbox[0].to == [owner.email]
    assert "token=" not in str(mail.outbox[0].body)
    assert not OutboxEvent.objects.filter(event_type="user.created.v1").exists()
    assert not AuthEvent.objects.filter(event_type="account.created").exists()


def test_a_known_address_takes_the_work_of_an_unknown_one(
    django_capture_on_commit_callbacks: Any,
) -> None:
    def statements(**changes: Any) -> list[str]:
        with CaptureQueriesContext(connection) as queries:
            post(APIClient(), "/v1/auth/register", ASHA | changes)
        return [sql.split("(")[0] for q in queries if (sql := q["sql"]).startswith("INSERT")]

    UserFactory.create(email=ASHA["email"])
    statements(email="once@example.com")  # what is loaded once is loaded
    assert statements() == statements(email="ravi@example.com") != []


def test_asking_again_sends_a_new_link_and_ends_the_old_one(
    django_capture_on_commit_callbacks: Any,
) -> None:
    register(django_capture_on_commit_callbacks)
    old = token_in_mail()
    assert (
        post(APIClient(), "/v1/auth/email/verify/resend", {"email": ASHA["email"]}).status_code
        == 202
    )
    assert post(APIClient(), "/v1/auth/email/verify", {"token": old}).status_code == 400
    assert post(APIClient(), "/v1/auth/email/verify", {"token": token_in_mail()}).status_code == 200


@pytest.mark.parametrize("email", ["nobody@example.com", "verified@example.com"])
def test_asking_again_tells_nothing_and_mails_nobody_else(email: str) -> None:
    UserFactory.create(email="verified@example.com")
    answer = post(APIClient(), "/v1/auth/email/verify/resend", {"email": email})
    assert (answer.status_code, answer.json()) == (202, {"status": "accepted"})
    assert mail.outbox == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"email": "nonsense"}, "email"),
        ({"email": None}, "email"),
        ({"email": "a@" + "b" * 300 + ".com"}, "email"),
        ({"name": ""}, "name"),
        ({"name": "x" * 151}, "name"),
        ({"phone": "12345"}, "phone"),
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"locale": "tlh"}, "locale"),
        ({"password": "short"}, "password"),
        ({"password": "password1234"}, "password"),
        ({"password": "x" * 129}, "password"),
        ({"password": "asha@example.com"}, "password"),
        ({"status": "active"}, "status"),
        ({"is_staff": True}, "is_staff"),
    ],
)
def test_a_field_that_is_not_right_is_named(
    django_capture_on_commit_callbacks: Any, changes: dict[str, Any], field: str
) -> None:
    answer = register(django_capture_on_commit_callbacks, **changes)
    assert answer.status_code == 400
    assert {error["field"] for error in answer.json()["errors"]} == {field}
    assert not User.objects.exists()


def test_the_password_is_never_a_parameter_of_a_query(
    django_capture_on_commit_callbacks: Any,
) -> None:
    with CaptureQueriesContext(connection) as queries:
        register(django_capture_on_commit_callbacks)
    assert not any(PASSWORD in query["sql"] for query in queries)


def test_the_link_in_the_mail_shows_a_button_that_confirms(
    django_capture_on_commit_callbacks: Any, client: Any
) -> None:
    register(django_capture_on_commit_callbacks)
    token = token_in_mail()
    page = client.get("/accounts/verify-email", {"token": token})
    assert token in page.content.decode()
    assert User.objects.get().status == UserStatus.PENDING_VERIFICATION
    assert client.post("/accounts/verify-email", {"token": token}).status_code == 200
    assert User.objects.get().status == UserStatus.ACTIVE
    assert client.post("/accounts/verify-email", {"token": token}).status_code == 400


def test_one_address_may_register_five_times_an_hour(
    django_capture_on_commit_callbacks: Any,
) -> None:
    answers = [
        register(django_capture_on_commit_callbacks, email=f"p{n}@example.com").status_code
        for n in range(6)
    ]
    assert answers == [202] * 5 + [429]


@pytest.mark.parametrize("password", ["Gatehouse-2026", "kiteZERODHA1234", "TradingTrading!"])
def test_a_password_built_around_words_of_ours_is_refused(
    django_capture_on_commit_callbacks: Any, password: str
) -> None:
    answer = register(django_capture_on_commit_callbacks, password=password)
    assert answer.status_code == 400
    assert "password_context_word" in {error["code"] for error in answer.json()["errors"]}


def test_a_password_may_hold_such_a_word_among_others(
    django_capture_on_commit_callbacks: Any,
) -> None:
    answer = register(django_capture_on_commit_callbacks, password="my kite flies at dawn")
    assert answer.status_code == 202
