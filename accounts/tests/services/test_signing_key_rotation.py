"""Keys come, sign, and go, and no token and no verifier is ever left behind."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.errors import InvalidTokenError, KeyNotPublishedLongEnoughError
from accounts.events.platform import SigningKeyPublished, SigningKeyRetired, SigningKeyRotated
from accounts.models import SigningKey
from accounts.models.signing_key import KeyState
from accounts.services import access_tokens, jwk, signing_keys, token_trust
from accounts.services.signing_keys import KeyChange
from accounts.tests.forging import person_claims, signed
from accounts.tests.issuing import issue_person_token
from config.vault.sealing import open_field
from events.domain import DomainEvent

pytestmark = pytest.mark.django_db

START = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def rules(environment: Any) -> None:
    environment(
        signing_key_lifetime=30 * 86_400,
        jwks_max_age=600,
        clock_leeway=5,
        access_token_lifetime=900,
        service_token_lifetime=3600,
    )


def states() -> dict[str, str]:
    return dict(SigningKey.objects.values_list("kid", "state"))


def published() -> set[str]:
    return set(token_trust.current().keys)


def test_the_first_key_is_active_at_once_and_made_only_once(heard: list[DomainEvent]) -> None:
    first = signing_keys.ensure_first()

    assert signing_keys.ensure_first() == first
    assert states() == {first.kid: "active"}
    assert heard == [SigningKeyRotated(key_id=first.public_id, kid=first.kid)]


def test_a_kid_is_the_thumbprint_of_the_public_key() -> None:
    # The example of RFC 7638 section 3.1.
    example = {
        "kty": "RSA",
        "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWK"
        "RXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaS"
        "qzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHa"
        "Q-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
        "e": "AQAB",
        "alg": "RS256",
        "kid": "2011-04-29",
    }
    assert jwk.thumbprint(example) == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"

    key = signing_keys.ensure_first()
    assert key.kid == jwk.thumbprint(key.public_jwk) == key.public_jwk["kid"]


def test_an_empty_table_gets_an_active_and_a_next_key() -> None:
    change = signing_keys.tend()

    assert states() == {change.activated: "active", change.published: "next"}
    assert published() == {change.activated, change.published}


def test_when_nothing_is_due_tending_is_a_look_and_no_more(
    heard: list[DomainEvent], django_assert_num_queries: Any
) -> None:
    signing_keys.tend()
    heard.clear()

    with django_assert_num_queries(3):
        assert signing_keys.tend() == KeyChange()

    assert heard == []


def test_an_active_key_is_replaced_when_it_is_old_and_not_before(heard: list[DomainEvent]) -> None:
    with time_machine.travel(START, tick=False) as clock:
        born = signing_keys.tend()
        heard.clear()
        clock.move_to(START + 30 * DAY - timedelta(seconds=1))
        assert signing_keys.tend() == KeyChange()
        clock.shift(1)
        change = signing_keys.tend()

    assert change.activated == born.published
    assert change.retiring == born.activated
    assert states() == {
        born.activated: "retiring",
        born.published: "active",
        change.published: "next",
    }
    rotated = next(event for event in heard if isinstance(event, SigningKeyRotated))
    assert (rotated.kid, rotated.previous_kid) == (born.published, born.activated)
    assert [event.kid for event in heard if isinstance(event, SigningKeyPublished)] == [
        change.published
    ]


def test_a_next_key_signs_only_once_it_was_published_for_a_whole_jwks_life() -> None:
    with time_machine.travel(START, tick=False) as clock:
        born = signing_keys.tend()
        clock.shift(604)
        with pytest.raises(KeyNotPublishedLongEnoughError) as refusal:
            signing_keys.rotate()
        assert refusal.value.extensions["ready_at"] == "2026-05-01T12:10:05+00:00"
        assert states()[born.published] == "next"
        clock.shift(1)
        assert signing_keys.rotate().activated == born.published


def test_an_old_key_goes_on_signing_until_its_successor_is_ready() -> None:
    with time_machine.travel(START, tick=False) as clock:
        active = signing_keys.ensure_first()
        clock.shift(40 * DAY)
        published_late = signing_keys.tend().published
        assert states() == {active.kid: "active", published_late: "next"}
        assert access_tokens.signing_kid() == active.kid
        clock.shift(605)

        assert signing_keys.tend().activated == published_late


def test_without_any_key_rotating_makes_the_first() -> None:
    change = signing_keys.rotate()

    assert states() == {change.activated: "active"}


def test_without_a_next_key_nothing_is_rotated() -> None:
    signing_keys.ensure_first()

    with pytest.raises(KeyNotPublishedLongEnoughError):
        signing_keys.rotate()


def test_tokens_of_a_retiring_key_verify_to_their_last_second_and_then_it_retires(
    heard: list[DomainEvent],
) -> None:
    with time_machine.travel(START, tick=False) as clock:
        old = signing_keys.tend().activated
        clock.shift(605)
        last_token = issue_person_token(lifetime=3600)
        change = signing_keys.rotate()
        first_new = issue_person_token(lifetime=3600)

        assert access_tokens.verify(last_token).kid == old
        assert access_tokens.verify(first_new).kid == change.activated
        assert published() == {old, change.activated, change.published}

        clock.shift(3604)
        signing_keys.tend()
        assert access_tokens.verify(last_token).kid == old
        assert old in published()

        clock.shift(1)
        heard.clear()
        assert signing_keys.tend().retired == (old,)
        assert old not in published()
        assert [event.kid for event in heard if isinstance(event, SigningKeyRetired)] == [old]


def test_a_key_outlives_tokens_from_before_a_setting_was_lowered(environment: Any) -> None:
    with time_machine.travel(START, tick=False) as clock:
        environment(service_token_lifetime=86_400)
        old = signing_keys.tend().activated
        clock.shift(605)
        environment(service_token_lifetime=600)
        signing_keys.rotate()
        clock.shift(86_400)
        signing_keys.tend()
        assert states()[old] == "retiring"
        clock.shift(5)
        signing_keys.tend()

    assert states()[old] == "retired"


def test_a_key_outlives_tokens_from_after_a_setting_was_raised(environment: Any) -> None:
    with time_machine.travel(START, tick=False) as clock:
        old = signing_keys.tend().activated
        environment(service_token_lifetime=86_400)
        signing_keys.tend()
        environment(service_token_lifetime=600)
        clock.shift(605)
        signing_keys.rotate()

    assert SigningKey.objects.get(kid=old).tokens_expire_at == START + timedelta(
        seconds=605 + 86_400 + 5
    )


def test_the_private_half_is_sealed_while_it_signs_and_erased_after() -> None:
    with time_machine.travel(START, tick=False) as clock:
        key = SigningKey.objects.get(kid=signing_keys.tend().activated)
        private = open_field(key, "sealed_private_key")
        assert jwk.private_key(private).public_key() == jwk.public_key(key.public_jwk)
        assert private not in bytes(key.sealed_private_key)
        clock.shift(605)
        signing_keys.rotate()

    key.refresh_from_db()
    assert key.state == KeyState.RETIRING
    assert key.sealed_private_key is None


def test_a_private_key_is_opened_once_in_a_process(signing_key: SigningKey) -> None:
    issue_person_token()

    with CaptureQueriesContext(connection) as queries:
        issue_person_token()

    assert not [query for query in queries if "sealed_private_key" in query["sql"]]


def test_every_state_leaves_its_date() -> None:
    with time_machine.travel(START, tick=False) as clock:
        kid = signing_keys.tend().published
        clock.shift(DAY)
        signing_keys.rotate()
        clock.shift(DAY)
        signing_keys.rotate()
        clock.shift(DAY)
        signing_keys.tend()

    key = SigningKey.objects.get(kid=kid)
    assert (key.published_at, key.activated_at, key.retiring_at, key.retired_at) == (
        START,
        START + DAY,
        START + 2 * DAY,
        START + 3 * DAY,
    )


def test_a_token_of_a_retired_key_is_refused() -> None:
    with time_machine.travel(START, tick=False) as clock:
        old = SigningKey.objects.get(kid=signing_keys.tend().activated)
        clock.shift(605)
        far_from_expiry = signed(person_claims(exp=int(START.timestamp()) + 10**6), key=old)
        signing_keys.rotate()
        clock.shift(3605)
        access_tokens.verify(far_from_expiry)
        signing_keys.tend()

        with pytest.raises(InvalidTokenError):
            access_tokens.verify(far_from_expiry)


@pytest.mark.parametrize("state", [KeyState.ACTIVE, KeyState.NEXT])
def test_the_database_itself_refuses_a_second_active_or_next_key(state: KeyState) -> None:
    signing_keys.tend()
    key = SigningKey.objects.in_state(state).get()
    twin = SigningKey(
        kid="other",
        algorithm=key.algorithm,
        state=state,
        public_jwk={},
        sealed_private_key=key.sealed_private_key,
        published_at=key.published_at,
        activated_at=key.activated_at,
    )

    with pytest.raises(IntegrityError, match=f"signing_key_one_{state}"), transaction.atomic():
        twin.save()
