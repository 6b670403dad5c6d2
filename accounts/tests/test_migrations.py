"""The migrations of accounts can be undone with people signed in, or say what to do first."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts.models import RefreshFamily, Session, SigningKey, SingleUseToken, User
from accounts.models.session import EndReason, SignInMethod
from accounts.models.single_use_token import TokenPurpose
from accounts.tests.factories import UserFactory
from config.reversals import ReversalRefusedError
from config.vault.sealing import seal_field
from tests.migrating import asked, forwards_again

KNOWN_TO_0003 = {
    "logout",
    "revoked",
    "reuse",
    "password_change",
    "password_reset",
    "suspended",
    "deactivated",
}

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def at_the_end_forwards() -> Iterator[None]:
    with forwards_again():
        yield


def session(user: User, method: SignInMethod, end_reason: str = "") -> Session:
    now = timezone.now()
    later = now + timedelta(days=1)
    made = Session.objects.create(
        user=user,
        method=method,
        acr="pwd",
        auth_time=now,
        last_active_at=now,
        expires_at=later,
        idle_expires_at=later,
        end_reason=end_reason,
        ended_at=now if end_reason else None,
    )
    RefreshFamily.objects.create(session=made, current_hash=made.pk.bytes)
    return made


def es256(state: str, **dates: Any) -> SigningKey:
    now = timezone.now()
    key = SigningKey(
        kid=f"{state} key",
        algorithm="ES256",
        state=state,
        public_jwk={},
        published_at=now,
        **dict.fromkeys(dates, now),
    )
    if state == "next":
        seal_field(key, "sealed_private_key", b"half of a pair")
    key.save()
    return key


@pytest.mark.usefixtures("at_the_end_forwards")
def test_what_only_the_later_release_knows_is_given_up_or_told_in_the_words_of_the_one_before() -> (
    None
):
    person = UserFactory.create()
    for method in SignInMethod:
        session(person, method)
    for reason in EndReason:
        session(person, SignInMethod.PASSWORD, reason)
    for purpose in TokenPurpose:
        SingleUseToken.objects.create(
            user=person,
            purpose=purpose,
            token_hash=purpose.encode().ljust(32),
            expires_at=timezone.now() + timedelta(hours=1),
        )
    es256("retired", activated_at=1, retiring_at=1, tokens_expire_at=1, retired_at=1)

    call_command("migrate", "accounts", "0003", verbosity=0)

    assert asked("SELECT DISTINCT method FROM accounts_session") == [("password",)]
    assert asked("SELECT count(*) FROM accounts_session") == [(1 + len(EndReason),)]
    ends = {end for (end,) in asked("SELECT DISTINCT end_reason FROM accounts_session")}
    assert ends == {"", *KNOWN_TO_0003}
    purposes = {purpose for (purpose,) in asked("SELECT purpose FROM accounts_singleusetoken")}
    assert purposes == {"email_verification", "password_reset", "second_factor", "console_sign_in"}
    assert asked("SELECT count(*) FROM accounts_signingkey") == [(0,)]


@pytest.mark.usefixtures("at_the_end_forwards")
def test_keys_that_the_release_before_cannot_read_are_not_lost_by_going_back() -> None:
    es256("next")
    applied = asked("SELECT name FROM django_migrations ORDER BY id")
    with pytest.raises(ReversalRefusedError, match=r"^1 signing keys .* signing_keys rotate"):
        call_command("migrate", "accounts", "0003", verbosity=0)
    assert asked("SELECT name FROM django_migrations ORDER BY id") == applied
