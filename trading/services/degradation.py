"""The broker does not answer for an account: noted, and nothing taken away."""

from uuid import UUID

from django.db import transaction

from events.domain import emit
from trading.brokers.base import (
    BrokerError,
    BrokerThrottledError,
    BrokerUnavailableError,
    NotAskedError,
)
from trading.events import AccountDegraded
from trading.models import BrokerSession
from trading.services import transitions
from trading.services.transitions import Cause

REASON = "The broker did not answer the last sync."


@transaction.atomic
def note(*, account_id: UUID, session_id: UUID, error: BrokerError) -> bool:
    """Keep why the sync failed, and let an active account be degraded if the broker was asked and did not answer.

    False, and nothing is kept, when the session has been ended or replaced meanwhile: it was news of an old one.
    """
    account = transitions.locked(account_id)
    if not BrokerSession.objects.live().filter(pk=session_id, account=account).exists():
        return False
    account.sync_error = error.reason
    silent = isinstance(error, BrokerUnavailableError) and not isinstance(error, NotAskedError)
    if silent and transitions.allows(account, Cause.BROKER_STOPPED_ANSWERING):
        transitions.move(account, Cause.BROKER_STOPPED_ANSWERING, reason=REASON)
        throttled = isinstance(error, BrokerThrottledError)
        emit(
            AccountDegraded(
                trading_account_id=account.public_id,
                owner_id=account.owner.public_id,
                reason="throttled" if throttled else "unavailable",
            )
        )
    account.save()
    return True
