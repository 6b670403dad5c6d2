"""Staff stop all use of an account, and give it back."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from events.domain import emit
from trading.events import AccountReactivated, AccountSuspended
from trading.models import BrokerSession, SessionEnd, TradingAccount
from trading.services import broker_sessions, transitions
from trading.services.transitions import Cause


def suspend(*, account_id: UUID, reason: str) -> TradingAccount:
    """Deny at once, then end the broker session, so that a service that holds its token is shut out too.

    Raises NotFoundError, AccountNotUsableError.
    """
    with transaction.atomic():
        account = transitions.locked(account_id)
        transitions.move(account, Cause.SUSPENDED_BY_STAFF, reason=reason)
        account.reauth_by = None
        account.save()
        emit(
            AccountSuspended(
                trading_account_id=account.public_id,
                owner_id=account.owner.public_id,
                reason=reason,
            )
        )
    broker_sessions.close(account_id, reason=SessionEnd.SUSPENDED)
    return account


@transaction.atomic
def reactivate(*, account_id: UUID, reason: str) -> TradingAccount:
    """Let the owner log in again. Raises NotFoundError, AccountNotUsableError."""
    account = transitions.locked(account_id)
    transitions.move(account, Cause.REACTIVATED_BY_STAFF, reason=reason)
    account.save()
    left = BrokerSession.objects.live().filter(account=account).first()
    if left is not None:  # the process that suspended it died before it had ended the session
        broker_sessions.forget(left.pk, reason=SessionEnd.SUSPENDED, at=timezone.now())
    emit(
        AccountReactivated(
            trading_account_id=account.public_id,
            owner_id=account.owner.public_id,
            reason=reason,
        )
    )
    return account
