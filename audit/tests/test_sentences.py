"""Rows of the trail as sentences."""

import pytest
from django.utils import translation

from audit.models import AuthEvent
from audit.people import actor_in_words, addresses_of
from audit.sentences import SENTENCES, sentence_of
from audit.types import AuditType


def row(event_type: str, **metadata: object) -> AuthEvent:
    return AuthEvent(event_type=event_type, metadata=metadata)


def test_every_type_of_the_trail_has_a_sentence() -> None:
    assert set(SENTENCES) == set(AuditType)


@pytest.mark.parametrize("kind", list(AuditType))
def test_a_row_that_tells_nothing_is_a_sentence_still(kind: AuditType) -> None:
    told = sentence_of(row(kind))
    assert told.endswith(".")
    assert "%" not in told


@pytest.mark.parametrize(
    ("event", "told"),
    [
        (row("auth.login.failed", reason="bad_credentials"), "A sign-in failed: bad credentials."),
        (row("auth.login.succeeded", method="console_link"), "Signed in (console link)."),
        (
            row("account.suspended", reason="Asked by <b>court</b>"),
            "The account was suspended. Reason: Asked by <b>court</b>",
        ),
        (
            row("auth.logout", reason="revoked", note="stolen"),
            "A session ended: revoked. Reason: stolen",
        ),
        (
            row("account.updated", changed=["name", "phone"]),
            "The account was changed: name, phone.",
        ),
        (row("account.mfa.removed", methods=[]), "Second factors were removed."),
        (row("some.newer.type"), "some.newer.type"),
    ],
)
def test_what_happened_is_told_with_its_reason(event: AuthEvent, told: str) -> None:
    with translation.override("en"):
        assert sentence_of(event) == told


def test_in_hindi_the_words_are_hindi_and_what_is_not_told_is_left_out() -> None:
    with translation.override("hi"):
        told = sentence_of(row("session.anomaly", kind="impossible_travel"))
        assert told == "कुछ गड़बड़ दिखी: नामुमकिन यात्रा।"
        assert sentence_of(row("auth.login.succeeded", method="password")).count("password") == 0
        assert "\N{EN DASH}" not in sentence_of(row("account.updated"))


def test_who_did_it_is_told_in_words() -> None:
    known = {"usr_1": "asha@example.com"}
    for given, told in (
        (AuthEvent(actor_type="user", actor_id="usr_1"), "asha@example.com"),
        (AuthEvent(actor_type="user", actor_id="usr_2"), "usr_2"),
        (AuthEvent(actor_type="service", actor_id="svc_orders"), "svc_orders"),
        (AuthEvent(actor_type="system"), "Gatehouse itself"),
        (AuthEvent(actor_type="anonymous"), "nobody signed in"),
    ):
        assert actor_in_words(given, known) == told


def test_ids_of_nobody_ask_nothing() -> None:
    assert addresses_of(["", "svc_orders", "usr_broken"]) == {}


def test_an_id_is_told_as_it_is() -> None:
    looked = row("console.viewed", page="policy", object_id="pol_01m8bdtp")
    assert "policy pol_01m8bdtp." in sentence_of(looked)
