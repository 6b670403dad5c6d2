"""Twenty machines that do the same thing at once do it once, and nobody meets a moment without a key."""

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from accounts.errors import KeyNotPublishedLongEnoughError, SigningKeyStateError
from accounts.models import SigningKey
from accounts.models.signing_key import KeyState
from accounts.services import access_tokens, signing_key_states, signing_keys
from accounts.services.signing_keys import KeyChange
from accounts.tests.issuing import issue_person_token
from tests.racing import at_once

pytestmark = pytest.mark.django_db(transaction=True)

MACHINES = 20


def states() -> Counter[str]:
    return Counter(SigningKey.objects.values_list("state", flat=True))


def together(work: Callable[[], Any]) -> list[Any]:
    """What `work` returned or raised on each of twenty machines."""
    return at_once(*[work] * MACHINES)


def let_next_sign_now(environment: Any) -> None:
    environment(jwks_max_age=0, clock_leeway=0)


def test_twenty_first_keys_are_one() -> None:
    keys = together(signing_keys.ensure_first)

    assert {key.kid for key in keys} == {SigningKey.objects.get().kid}
    assert states() == {"active": 1}


def test_twenty_machines_that_tend_an_empty_table_make_one_active_and_one_next_key() -> None:
    changes = together(signing_keys.tend)

    assert states() == {"active": 1, "next": 1}
    assert sum(bool(change.activated) for change in changes) == 1


def test_of_twenty_rotations_at_once_one_happens() -> None:
    signing_keys.tend()
    long_ago = SigningKey.objects.in_state(KeyState.NEXT).get().published_at.replace(year=2020)
    SigningKey.objects.in_state(KeyState.NEXT).update(published_at=long_ago)

    outcomes = together(signing_keys.rotate)

    assert sum(isinstance(outcome, KeyChange) for outcome in outcomes) == 1
    assert (
        sum(isinstance(outcome, KeyNotPublishedLongEnoughError) for outcome in outcomes)
        == MACHINES - 1
    )
    assert states() == {"active": 1, "next": 1, "retiring": 1}


def test_while_keys_rotate_every_token_issued_is_believed_and_one_key_is_always_active(
    environment: Any,
) -> None:
    let_next_sign_now(environment)
    signing_keys.tend()
    done = threading.Event()
    seen: list[tuple[int, str]] = []
    errors: list[Exception] = []

    def use() -> None:
        try:
            while not done.is_set():
                active = SigningKey.objects.in_state(KeyState.ACTIVE).count()
                seen.append((active, access_tokens.verify(issue_person_token()).kid))
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    user = threading.Thread(target=use)
    user.start()
    try:
        outcomes = together(signing_keys.rotate)
    finally:
        done.set()
        user.join()

    assert all(isinstance(outcome, KeyChange) for outcome in outcomes)
    assert errors == []
    assert {active for active, _ in seen} == {1}
    assert {kid for _, kid in seen} <= set(SigningKey.objects.values_list("kid", flat=True))
    assert states() == {"active": 1, "next": 1, "retiring": MACHINES}


def test_twenty_revocations_of_one_key_install_one_successor() -> None:
    kid = signing_keys.tend().activated

    outcomes = together(lambda: signing_keys.revoke(kid=kid, reason="leaked"))

    assert sum(isinstance(outcome, KeyChange) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, SigningKeyStateError) for outcome in outcomes) == MACHINES - 1
    assert states() == {"active": 1, "next": 1, "revoked": 1}


def test_a_key_that_has_moved_meanwhile_is_not_moved_again() -> None:
    stale = signing_keys.ensure_first()
    SigningKey.objects.filter(pk=stale.pk).update(
        state=KeyState.REVOKED, revoked_at=stale.published_at, sealed_private_key=None
    )

    with pytest.raises(SigningKeyStateError):
        signing_key_states.begin_retiring(stale, stale.published_at)
