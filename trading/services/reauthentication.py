"""A day's login is over: the account waits for the next one."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from events.domain import emit
from trading.events import ReauthRequired
from trading.models import SessionEnd
from trading.services import broker_sessions, login_warnings, transitions
from trading.services.transitions import Cause

REASONS = {
    SessionEnd.EXPIRED: "The day's login at the broker has ended.",
    SessionEnd.REFUSED: "The broker has ended the login.",
}


@transaction.atomic
def require(*, account_id: UUID, session_id: UUID, because: SessionEnd) -> bool:
    """End that very session and ask for a new login. False when the account stays as it is: the session had been
    ended or replaced before (a late refusal of an old token says nothing about the new one), or staff have suspended
    the account.
    """
    account = transitions.locked(account_id)
    if not broker_sessions.forget(session_id, reason=because, at=timezone.now()):
        return False
    if not transitions.allows(account, Cause.SESSION_ENDED):
        return False
    transitions.move(account, Cause.SESSION_ENDED, reason=REASONS[because])
    login_warnings.warn_of_end(account, ended=account.reauth_by)
    account.reauth_by = None
    account.save()
    emit(
        ReauthRequired(
            trading_account_id=account.public_id,
            owner_id=account.owner.public_id,
            reason="expired" if because is SessionEnd.EXPIRED else "refused",
        )
    )
    return True
