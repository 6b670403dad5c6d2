"""Whoever comes after the fact is told so, and changes nothing."""

import pytest

from config.http.problems import NotFoundError
from config.ids import new_uuid
from config.vault.sealing import shred
from trading.errors import AccountNotUsableError, MembershipEndedError
from trading.models import BrokerSession, CredentialVersion, TradingAccount
from trading.services import broker_sessions, credentials, memberships, sync, transitions
from trading.tests.factories import MembershipFactory, active_account

pytestmark = pytest.mark.django_db


def rows_of(account: TradingAccount) -> tuple[CredentialVersion, BrokerSession]:
    return (
        CredentialVersion.objects.get(account=account),
        BrokerSession.objects.get(account=account),
    )


def test_what_was_shredded_while_somebody_held_it_does_not_open() -> None:
    account = active_account()
    version, session = rows_of(account)
    shred(account.key_subject)
    with pytest.raises(AccountNotUsableError):
        credentials.opened(version)
    with pytest.raises(AccountNotUsableError):
        broker_sessions.token_of(session)


def test_what_has_been_forgotten_does_not_open() -> None:
    version, session = rows_of(active_account())
    version.secret = session.access_token = None
    with pytest.raises(AccountNotUsableError):
        credentials.opened(version)
    with pytest.raises(AccountNotUsableError):
        broker_sessions.token_of(session)


def test_a_sync_without_a_session_asks_nobody() -> None:
    account = active_account()
    _, session = rows_of(account)
    BrokerSession.objects.filter(pk=session.pk).delete()
    with pytest.raises(AccountNotUsableError):
        sync.refresh(account_id=account.pk)


def test_a_membership_that_ended_meanwhile_cannot_be_changed() -> None:
    guest = MembershipFactory.create()
    owner = guest.account.owner
    memberships.revoke(membership_id=guest.pk, revoked_by=owner)
    with pytest.raises(MembershipEndedError):
        memberships.update(membership_id=guest.pk, changed_by=owner, permissions=["trade"])
    with pytest.raises(MembershipEndedError):
        memberships.revoke(membership_id=guest.pk, revoked_by=owner)
    assert memberships.expire(membership_id=guest.pk) is False


def test_what_is_gone_is_not_found() -> None:
    with pytest.raises(NotFoundError):
        memberships.expire(membership_id=new_uuid())
    with pytest.raises(NotFoundError):
        transitions.locked(new_uuid())
