"""Profile and margins as the broker tells them now."""

import hmac
import time
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from events.domain import emit
from trading.brokers.base import (
    BrokerError,
    BrokerProfile,
    BrokerUnavailableError,
    Margin,
    SessionEndedError,
)
from trading.brokers.registry import get_broker
from trading.errors import AccountNotUsableError, from_broker
from trading.events import ProfileSynced
from trading.metrics import SYNC_DURATION, SYNC_RUNS
from trading.models import AccountStatus, BrokerSession, SessionEnd, TradingAccount
from trading.services import broker_sessions, reauthentication, snapshots, transitions
from trading.services.activation import broker_user_hash
from trading.services.credentials import opened


def refresh(*, account_id: UUID) -> TradingAccount:
    """Ask the broker, keep what it says.

    Raises AccountNotUsableError when there is no session to ask with; BrokerLoginNeededError when the broker does
    not know it any more, which makes the account `reauth_required` at once; BrokerNotAnsweringError and
    BrokerRequestRefusedError, which leave the account as it is, with the reason in `sync_error`;
    VaultUnavailableError.
    """
    session = (
        BrokerSession.objects.live()
        .select_related("account", "credential")
        .filter(account_id=account_id, account__status=AccountStatus.ACTIVE)
        .first()
    )
    if session is None:
        raise AccountNotUsableError("The account wants a login first.")
    broker_name, began = session.account.broker, time.monotonic()
    try:
        profile, margins = _ask(session)
    except BrokerError as error:
        SYNC_RUNS.labels(broker_name, error.reason).inc()
        _failed(session, error)
        raise from_broker(error) from None
    finally:
        SYNC_DURATION.labels(broker_name).observe(time.monotonic() - began)
    account = _keep(session, profile, margins)
    SYNC_RUNS.labels(broker_name, "succeeded").inc()
    return account


def _ask(session: BrokerSession) -> tuple[BrokerProfile, tuple[Margin, ...]]:
    account = session.account
    broker = get_broker(account.broker)
    credentials = opened(session.credential)
    access_token = broker_sessions.token_of(session)
    profile = broker.profile(credentials, access_token=access_token)
    known = bytes(account.broker_user_hash or b"")
    if not hmac.compare_digest(known, broker_user_hash(broker.name, profile.broker_user_id)):
        raise BrokerUnavailableError("The broker answered for somebody else.")
    return profile, broker.margins(credentials, access_token=access_token)


def _failed(session: BrokerSession, error: BrokerError) -> None:
    if isinstance(error, SessionEndedError):
        reauthentication.require(
            account_id=session.account_id, session_id=session.pk, because=SessionEnd.REFUSED
        )
    else:
        TradingAccount.objects.filter(pk=session.account_id).update(sync_error=error.reason)


@transaction.atomic
def _keep(
    session: BrokerSession, profile: BrokerProfile, margins: tuple[Margin, ...]
) -> TradingAccount:
    """Raises AccountNotUsableError when the account was suspended or unlinked while the broker was asked."""
    account = transitions.locked(session.account_id)
    if account.status != AccountStatus.ACTIVE:
        raise AccountNotUsableError(account_status=account.status)
    now = timezone.now()
    account.profile = snapshots.of_profile(profile)
    account.margins = snapshots.of_margins(margins)
    account.last_synced_at = now
    account.sync_error = ""
    account.save()
    emit(
        ProfileSynced(
            trading_account_id=account.public_id,
            owner_id=account.owner.public_id,
            synced_at=now,
        )
    )
    return account
