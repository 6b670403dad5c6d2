"""What the processes write about themselves tells of nobody, so that an erasure has nothing to erase there."""

import smtplib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.mail.backends.locmem import EmailBackend
from django.db import IntegrityError, transaction
from rest_framework.test import APIClient

from accounts import tasks
from accounts.models import User
from accounts.services import erasure, signing_keys
from audit.services import verification
from audit.services.chaining import chain_waiting
from config import redis as redis_connection
from config.telemetry.log_watch import LogWatch
from tests.privacy.everywhere import (
    BROKER_USER,
    DEVICE,
    EMAIL,
    IP,
    MARKS,
    NAME,
    PHONE,
    Known,
    known_everywhere,
    places_of,
)

pytestmark = pytest.mark.django_db
SHORTENED = ("k***@example.com", "203.0.113.0/24")  # what stands for an address


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    """Every line down to DEBUG, as it goes to standard output."""
    watch = LogWatch(tmp_path / "log.jsonl")
    try:
        yield watch.path
    finally:
        watch.stop()


@pytest.fixture
def browser() -> APIClient:
    """The person's, which says what it runs on."""
    return APIClient(REMOTE_ADDR=IP, HTTP_USER_AGENT=f"Firefox on {DEVICE}")


class RefusingBackend(EmailBackend):
    """A mail server that does not know the address, and says which."""

    def send_messages(self, messages: Any) -> int:
        raise smtplib.SMTPRecipientsRefused({EMAIL: (550, f"no such user: {EMAIL}".encode())})


def found_in(log: Path) -> set[str]:
    text = log.read_text().lower()
    return {mark for mark in MARKS if mark in text}


def told(log: Path, *texts: str) -> bool:
    text = log.read_text().lower()
    return all(each in text for each in texts)


def test_a_whole_life_and_its_end_leave_no_trace_in_the_log(
    log: Path, archives: Path, browser: APIClient, django_capture_on_commit_callbacks: Any
) -> None:
    redis_connection.client().flushdb()
    signing_keys.ensure_first()
    person = {"email": EMAIL, "name": NAME, "phone": PHONE, "password": "a long secret of hers"}
    with django_capture_on_commit_callbacks(execute=True):
        kavya = known_everywhere()
        for path, body in (
            ("/v1/auth/register", person),
            ("/v1/auth/register", person | {"phone": f"{PHONE} of {NAME}"}),
            ("/v1/auth/login", {"email": EMAIL, "password": "wrong"}),
            ("/v1/auth/login", {"email": EMAIL, "password": "wrong", NAME: EMAIL}),
            ("/v1/auth/password/reset-request", {"email": EMAIL}),
            (f"/v1/users/{EMAIL}/roles", {}),
            (f"/v1/nowhere/{EMAIL}?ip={IP}&name={NAME}", {}),
        ):
            assert browser.post(path, body, format="json").status_code < 500
    erasure.erase(user=kavya.user, now=True)

    assert found_in(log) == set()
    assert told(log, SHORTENED[1], "/v1/auth/login", kavya.user.public_id)
    assert places_of(*MARKS) == set()
    chain_waiting()
    assert verification.verify().findings.total == 0


def test_errors_that_quote_the_person_do_not(
    log: Path, kavya: Known, settings: Any, browser: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database's, the mail server's, and one that nobody foresaw and that takes a request down."""
    settings.EMAIL_BACKEND = f"{__name__}.RefusingBackend"
    tasks.send_known_address_mail.apply(args=(kavya.user.public_id,), retries=12, throw=False)

    def clash(**_: Any) -> None:
        with transaction.atomic():
            User.objects.create(email=EMAIL.upper(), name=NAME, phone=PHONE)

    monkeypatch.setattr("accounts.services.registration.register", clash)
    browser.raise_request_exception = False
    person = {"email": EMAIL, "name": NAME, "password": "a long secret of hers"}
    answer = browser.post("/v1/auth/register", person, format="json")

    assert answer.status_code == 500
    assert IntegrityError.__name__ in log.read_text()
    assert smtplib.SMTPRecipientsRefused.__name__ in log.read_text()
    assert found_in(log) == set()


def test_the_search_would_find_what_is_logged(log: Path) -> None:
    log.write_text(f"{EMAIL} {NAME} {PHONE} {IP} {BROKER_USER} {DEVICE}")

    assert found_in(log) == set(MARKS)
