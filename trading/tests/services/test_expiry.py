"""What ends by the clock."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.tests.factories import UserFactory
from events.domain import DomainEvent
from trading.events import MembershipRevoked, ReauthRequired
from trading.models import (
    AccountStatus,
    BrokerSession,
    LoginAttempt,
    MembershipStatus,
    SessionEnd,
    TradingAccount,
)
from trading.services import expiry, invitations
from trading.tests.conftest import TraderFactory
from trading.tests.factories import MembershipFactory, active_account

pytestmark = pytest.mark.django_db


def test_a_login_lasts_until_six_in_the_morning_in_india(trader: TraderFactory) -> None:
    someone = trader()
    with time_machine.travel(datetime(2026, 3, 10, 12, 0, tzinfo=UTC), tick=True):
        account = someone.linked()
        assert account.reauth_by == datetime(2026, 3, 11, 0, 30, tzinfo=UTC)
    with time_machine.travel(datetime(2026, 3, 11, 0, 29, 30, tzinfo=UTC), tick=False):
        assert expiry.mark_due() == 0
    with time_machine.travel(datetime(2026, 3, 11, 0, 30, tzinfo=UTC), tick=False):
        assert expiry.mark_due() == 1
        assert expiry.mark_due() == 0
    over = TradingAccount.objects.get(pk=account.pk)
    assert (over.status, over.reauth_by) == (AccountStatus.REAUTH_REQUIRED.value, None)
    session = BrokerSession.objects.get(account=account)
    assert (session.end_reason, session.access_token) == (SessionEnd.EXPIRED, None)


def test_it_is_told_once(heard: list[DomainEvent]) -> None:
    account = active_account()
    with time_machine.travel(timezone.now() + timedelta(hours=12), tick=True):
        expiry.mark_due()
        expiry.mark_due()
    told = [event for event in heard if isinstance(event, ReauthRequired)]
    assert [(event.trading_account_id, event.reason) for event in told] == [
        (account.public_id, "expired")
    ]


def test_the_session_of_a_suspended_account_ends_without_moving_it() -> None:
    account = active_account()
    TradingAccount.objects.filter(pk=account.pk).update(status=AccountStatus.SUSPENDED)
    with time_machine.travel(timezone.now() + timedelta(hours=12), tick=True):
        assert expiry.mark_due() == 0
    account.refresh_from_db()
    assert account.status == AccountStatus.SUSPENDED
    assert not BrokerSession.objects.live().exists()


def test_overdue_memberships_and_invitations_end(heard: list[DomainEvent]) -> None:
    account, soon = active_account(), timezone.now() + timedelta(hours=1)
    lasting = MembershipFactory.create(account=account)
    ending = MembershipFactory.create(account=account, expires_at=soon)
    invited = invitations.invite(
        account=account,
        granted_by=account.owner,
        email="guest@example.com",
        permissions=["read"],
        expires_at=soon,
    )
    with time_machine.travel(soon, tick=True):
        assert expiry.end_overdue_memberships() == 2
        assert expiry.end_overdue_memberships() == 0
    for membership, status in (
        (lasting, MembershipStatus.ACTIVE),
        (ending, MembershipStatus.EXPIRED),
        (invited, MembershipStatus.EXPIRED),
    ):
        membership.refresh_from_db()
        assert membership.status == status
    told = [event for event in heard if isinstance(event, MembershipRevoked)]
    assert {(event.membership_id, event.reason) for event in told} == {
        (ending.public_id, "expired"),
        (invited.public_id, "expired"),
    }


def test_login_attempts_are_forgotten_a_day_after_they_ended() -> None:
    account, now = active_account(), timezone.now()
    for age in (timedelta(hours=25), timedelta(hours=23), -timedelta(minutes=10)):
        LoginAttempt.objects.create(
            account=account,
            credential=account.credential_versions.get(),
            user=UserFactory.create(),
            state_hash=str(age).encode(),
            expires_at=now - age,
        )
    assert expiry.forget_login_attempts() == 1
    assert LoginAttempt.objects.count() == 2
