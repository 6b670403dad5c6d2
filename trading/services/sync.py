"""Profile and margins as the broker tells them now."""

import hmac
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from config.vault.errors import VaultUnavailableError
from events.domain import emit
from trading.brokers.asking import Patience, ask
from trading.brokers.base import (
    BrokerError,
    BrokerProfile,
    BrokerUnavailableError,
    Margin,
    NotAskedError,
    SessionEndedError,
)
from trading.brokers.registry import get_broker
from trading.errors import AccountNotUsableError, SyncUnderWayError, from_broker
from trading.events import AccountRecovered, ProfileSynced
from trading.models import (
    BrokerSession,
    SessionEnd,
    SyncOutcome,
    SyncRun,
    SyncTrigger,
    TradingAccount,
)
from trading.models.account import LIVE
from trading.services import (
    broker_sessions,
    degradation,
    reauthentication,
    snapshots,
    sync_runs,
    transitions,
)
from trading.services.activation import broker_user_hash
from trading.services.credentials import opened
from trading.services.transitions import Cause

Value = TypeVar("Value")


def refresh(*, account_id: UUID, trigger: SyncTrigger = SyncTrigger.REQUEST) -> TradingAccount:
    """Ask the broker, keep what it says, and note how it went as a `SyncRun`. Raises SyncUnderWayError when the
    account is being synced already, and what `perform` raises."""
    return perform(sync_runs.begin(account_id=account_id, trigger=trigger))


def perform(run: SyncRun) -> TradingAccount:
    """Do a run that the caller has begun; it has ended whatever this raises, or waits in its job's queue again.

    Raises AccountNotUsableError when there is no session to ask with; BrokerLoginNeededError when the broker does
    not know it any more, which makes the account `reauth_required` at once; BrokerNotAnsweringError, which makes it
    `degraded` if the broker was asked; BrokerRequestRefusedError and VaultUnavailableError, which leave it as it is;
    SyncUnderWayError when another worker took the run over.
    """
    try:
        session = _session_of(run)
        profile, margins = _ask(session)
        return _keep(run, profile, margins)
    except BrokerError as error:
        _failed(run, session, error)
        raise from_broker(error) from None
    except AccountNotUsableError as error:
        status = error.extensions.get("account_status", "")
        sync_runs.end(run, SyncOutcome.NOT_USABLE, reason=status)
        raise
    except VaultUnavailableError:
        sync_runs.end(run, SyncOutcome.VAULT_UNAVAILABLE)
        raise
    except SyncUnderWayError:
        raise
    except Exception:
        sync_runs.end(run, SyncOutcome.FAILED)
        raise


def _session_of(run: SyncRun) -> BrokerSession:
    live = BrokerSession.objects.live().select_related("account", "credential")
    session = live.filter(account_id=run.account_id, account__status__in=LIVE).first()
    if session is None:
        status = TradingAccount.objects.values_list("status", flat=True).get(pk=run.account_id)
        raise AccountNotUsableError("The account wants a login first.", account_status=status)
    return session


def _ask(session: BrokerSession) -> tuple[BrokerProfile, tuple[Margin, ...]]:
    account = session.account
    broker, patience = get_broker(account.broker), Patience(settings.ENVIRONMENT.sync_patience)
    credentials = opened(session.credential)
    access_token = broker_sessions.token_of(session)

    def told(question: Callable[..., Value]) -> Value:
        return ask(
            broker,
            credentials.api_key,
            lambda: question(credentials, access_token=access_token),
            patience=patience,
        )

    profile = told(broker.profile)
    known = bytes(account.broker_user_hash or b"")
    if not hmac.compare_digest(known, broker_user_hash(broker.name, profile.broker_user_id)):
        raise BrokerUnavailableError("The broker answered for somebody else.")
    return profile, told(broker.margins)


def _failed(run: SyncRun, session: BrokerSession, error: BrokerError) -> None:
    """What a failed question makes true of the account; the run ends, or waits if nobody was asked and it can."""
    if isinstance(error, SessionEndedError):
        reauthentication.require(
            account_id=session.account_id, session_id=session.pk, because=SessionEnd.REFUSED
        )
    elif isinstance(error, NotAskedError) and _can_wait(run):
        sync_runs.put_back(run, seconds=error.retry_after or 1.0)
        return
    else:
        degradation.note(account_id=session.account_id, session_id=session.pk, error=error)
    known = error.reason in SyncOutcome.values
    outcome = SyncOutcome(error.reason) if known else SyncOutcome.FAILED
    sync_runs.end(run, outcome, reason=error.detail)


def _can_wait(run: SyncRun) -> bool:
    patience = timedelta(seconds=settings.ENVIRONMENT.bulk_sync_patience)
    return run.job_id is not None and timezone.now() < run.created_at + patience


@transaction.atomic
def _keep(run: SyncRun, profile: BrokerProfile, margins: tuple[Margin, ...]) -> TradingAccount:
    """Raises AccountNotUsableError when the account was suspended or unlinked while the broker was asked, and
    SyncUnderWayError when the run has been given to another worker."""
    account = transitions.locked(run.account_id)
    if not sync_runs.hold(run):
        raise SyncUnderWayError
    if account.status not in LIVE:
        raise AccountNotUsableError(account_status=account.status)
    who = {"trading_account_id": account.public_id, "owner_id": account.owner.public_id}
    changed = snapshots.keep(account, profile, margins)
    account.last_synced_at = timezone.now()
    account.sync_error = ""
    if transitions.allows(account, Cause.BROKER_ANSWERED):
        transitions.move(account, Cause.BROKER_ANSWERED)
        emit(AccountRecovered(**who))
    account.save()
    sync_runs.end(run, SyncOutcome.SUCCEEDED, changed=changed)
    if changed:
        emit(ProfileSynced(**who, synced_at=account.last_synced_at, changed=changed))
    return account
