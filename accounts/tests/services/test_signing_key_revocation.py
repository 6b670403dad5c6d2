"""A key that is not safe any more is out at once, and somebody else signs."""

from typing import Any

import pytest
import time_machine

from accounts.errors import InvalidTokenError, SigningKeyNotFoundError, SigningKeyStateError
from accounts.events.platform import SigningKeyPublished, SigningKeyRevoked, SigningKeyRotated
from accounts.models import SigningKey
from accounts.services import access_tokens, signing_keys, token_trust
from accounts.tests.issuing import issue_person_token
from events.domain import DomainEvent

pytestmark = pytest.mark.django_db


def states() -> dict[str, str]:
    return dict(SigningKey.objects.values_list("kid", "state"))


def test_the_tokens_of_a_revoked_key_are_refused_remembered_or_not(signing_key: SigningKey) -> None:
    remembered, unseen = issue_person_token(), issue_person_token()
    access_tokens.verify(remembered)

    signing_keys.revoke(kid=signing_key.kid, reason="leaked")

    for token in (remembered, unseen):
        with pytest.raises(InvalidTokenError):
            access_tokens.verify(token)


def test_the_next_key_signs_at_once_however_young_and_another_is_published() -> None:
    born = signing_keys.tend()

    change = signing_keys.revoke(kid=born.activated, reason="leaked")

    assert change.activated == born.published
    assert states() == {
        born.activated: "revoked",
        born.published: "active",
        change.published: "next",
    }
    assert set(token_trust.current().keys) == {born.published, change.published}
    assert access_tokens.verify(issue_person_token()).kid == born.published


def test_without_a_next_key_a_new_one_signs(signing_key: SigningKey) -> None:
    change = signing_keys.revoke(kid=signing_key.kid, reason="leaked")

    assert states() == {
        signing_key.kid: "revoked",
        change.activated: "active",
        change.published: "next",
    }
    assert access_tokens.verify(issue_person_token()).kid == change.activated


def test_a_next_key_is_revoked_without_a_change_of_the_active_one() -> None:
    born = signing_keys.tend()

    change = signing_keys.revoke(kid=born.published, reason="leaked")

    assert change.activated == ""
    assert states() == {
        born.activated: "active",
        born.published: "revoked",
        change.published: "next",
    }


def test_a_retiring_key_is_revoked_and_its_last_tokens_with_it(environment: Any) -> None:
    environment(jwks_max_age=30, clock_leeway=0)
    with time_machine.travel("2026-05-01T12:00Z", tick=False) as clock:
        old = signing_keys.tend().activated
        token = issue_person_token()
        clock.shift(30)
        signing_keys.rotate()
        access_tokens.verify(token)

        change = signing_keys.revoke(kid=old, reason="leaked")

        assert (change.activated, change.published) == ("", "")
        with pytest.raises(InvalidTokenError):
            access_tokens.verify(token)


def test_the_trail_and_the_outside_are_told(heard: list[DomainEvent]) -> None:
    born = signing_keys.tend()
    old, new = (SigningKey.objects.get(kid=kid) for kid in (born.activated, born.published))
    heard.clear()

    signing_keys.revoke(kid=old.kid, reason="laptop stolen")

    revoked, published, rotated = heard
    assert revoked == SigningKeyRevoked(key_id=old.public_id, kid=old.kid, reason="laptop stolen")
    assert isinstance(published, SigningKeyPublished)
    assert rotated == SigningKeyRotated(
        key_id=new.public_id, kid=new.kid, previous_kid=old.kid, revoked_kid=old.kid
    )
    assert (rotated.event_type, rotated.channel) == (
        "signing_key.rotated",
        "platform.signing_key.rotated",
    )
    assert (revoked.event_type, revoked.audit_type) == ("", "key.revoked")


def test_a_revoked_key_keeps_the_reason_and_loses_its_private_half(signing_key: SigningKey) -> None:
    signing_keys.revoke(kid=signing_key.kid, reason="laptop stolen")

    signing_key.refresh_from_db()
    assert signing_key.revocation_reason == "laptop stolen"
    assert signing_key.revoked_at == signing_key.state_since
    assert signing_key.sealed_private_key is None


def test_a_key_is_revoked_once(signing_key: SigningKey, heard: list[DomainEvent]) -> None:
    signing_keys.revoke(kid=signing_key.kid, reason="leaked")
    heard.clear()

    with pytest.raises(SigningKeyStateError, match="revoked already"):
        signing_keys.revoke(kid=signing_key.kid, reason="again")

    assert heard == []


def test_an_unknown_key_cannot_be_revoked(signing_key: SigningKey) -> None:
    with pytest.raises(SigningKeyNotFoundError):
        signing_keys.revoke(kid="nobody", reason="leaked")

    assert states() == {signing_key.kid: "active"}
