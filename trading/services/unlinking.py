"""Unlinking: deny first, then end the broker session, then destroy the key.

Each step stands by itself, so that a process that dies in between leaves an account that nobody can use, and
`finish_all` completes what it began.
"""

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.services import preferences
from config.vault.sealing import shred
from events.domain import emit
from trading.events import AccountDisconnecting, AccountUnlinked
from trading.models import AccountStatus, MembershipStatus, SessionEnd, TradingAccount
from trading.services import broker_sessions, credentials, memberships, transitions
from trading.services.transitions import Cause


def unlink(*, account_id: UUID, owner_id: UUID) -> None:
    """Unlink the account, also when the broker is down. `owner_id` is whose it was when that was decided.

    Raises NotFoundError, also when it is somebody else's by now; AccountNotUsableError.
    """
    _deny(account_id, owner_id)
    finish(account_id=account_id)


def finish(*, account_id: UUID) -> None:
    """Complete an unlinking that has begun; harmless when somebody else completes it at the same time."""
    broker_sessions.close(account_id, reason=SessionEnd.UNLINKED)
    _destroy(account_id)


def finish_all() -> int:
    """Complete what other processes have begun and not finished; returns how many."""
    patience = timedelta(seconds=settings.ENVIRONMENT.unlinking_patience)
    left = TradingAccount.objects.filter(
        status=AccountStatus.DISCONNECTING, status_changed_at__lt=timezone.now() - patience
    )
    accounts = list(left.values_list("pk", flat=True))
    for account_id in accounts:
        finish(account_id=account_id)
    return len(accounts)


def redo(public_id: str) -> None:
    """Unlink again what a restored backup has brought back: its data key is destroyed already. Harmless for an account
    that is unlinked, or not in the backup.
    """
    account = TradingAccount.objects.not_unlinked().with_public_id(public_id).first()
    if account is not None:
        complete(account)


def complete(account: TradingAccount) -> None:
    """Unlink the account, from wherever on the way it is. Raises as `unlink` does."""
    if account.status == AccountStatus.DISCONNECTING:
        finish(account_id=account.pk)
    else:
        unlink(account_id=account.pk, owner_id=account.owner_id)


@transaction.atomic
def _deny(account_id: UUID, owner_id: UUID) -> None:
    account = transitions.locked(account_id, owner_id=owner_id)
    transitions.move(account, Cause.UNLINKING_BEGUN)
    for membership in account.memberships.standing().select_related("user"):
        membership.account = account
        memberships.end(membership, MembershipStatus.REVOKED, reason="unlinked")
    account.reauth_by = None
    account.save()
    preferences.forget_trading_account(user=account.owner, account_id=account.public_id)
    emit(
        AccountDisconnecting(
            trading_account_id=account.public_id,
            owner_id=account.owner.public_id,
        )
    )


@transaction.atomic
def _destroy(account_id: UUID) -> None:
    account = transitions.locked(account_id)
    if not transitions.allows(account, Cause.UNLINKING_FINISHED):
        return
    transitions.move(account, Cause.UNLINKING_FINISHED)
    credentials.retire(account=account, at=timezone.now())
    account.broker_user_hash = None
    account.broker_user_masked = ""
    account.profile, account.margins, account.sync_error = {}, [], ""
    account.save()
    shred(account.key_subject)
    emit(
        AccountUnlinked(
            trading_account_id=account.public_id,
            owner_id=account.owner.public_id,
            broker=account.broker,
        )
    )
