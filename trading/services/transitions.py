"""Who moves a trading account where: the whole state machine, and the only place that sets `status`."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from config.http.problems import NotFoundError
from trading.errors import AccountNotUsableError
from trading.metrics import TRANSITIONS
from trading.models import AccountStatus, TradingAccount

PENDING_LOGIN = AccountStatus.PENDING_LOGIN
ACTIVE = AccountStatus.ACTIVE
DEGRADED = AccountStatus.DEGRADED
REAUTH_REQUIRED = AccountStatus.REAUTH_REQUIRED
INVALID = AccountStatus.INVALID
SUSPENDED = AccountStatus.SUSPENDED
DISCONNECTING = AccountStatus.DISCONNECTING
UNLINKED = AccountStatus.UNLINKED


class Cause(StrEnum):
    LOGIN_COMPLETED = "login_completed"
    SESSION_ENDED = "session_ended"
    BROKER_STOPPED_ANSWERING = "broker_stopped_answering"
    BROKER_ANSWERED = "broker_answered"
    CREDENTIALS_REFUSED = "credentials_refused"
    SUSPENDED_BY_STAFF = "suspended_by_staff"
    REACTIVATED_BY_STAFF = "reactivated_by_staff"
    OWNERSHIP_TRANSFERRED = "ownership_transferred"
    UNLINKING_BEGUN = "unlinking_begun"
    UNLINKING_FINISHED = "unlinking_finished"


@dataclass(frozen=True)
class Arrow:
    sources: frozenset[AccountStatus]
    target: AccountStatus


ARROWS: Mapping[Cause, Arrow] = {
    Cause.LOGIN_COMPLETED: Arrow(
        frozenset({PENDING_LOGIN, ACTIVE, DEGRADED, REAUTH_REQUIRED, INVALID}), ACTIVE
    ),
    Cause.SESSION_ENDED: Arrow(frozenset({ACTIVE, DEGRADED}), REAUTH_REQUIRED),
    Cause.BROKER_STOPPED_ANSWERING: Arrow(frozenset({ACTIVE}), DEGRADED),
    Cause.BROKER_ANSWERED: Arrow(frozenset({DEGRADED}), ACTIVE),
    Cause.CREDENTIALS_REFUSED: Arrow(frozenset({PENDING_LOGIN, REAUTH_REQUIRED}), INVALID),
    Cause.SUSPENDED_BY_STAFF: Arrow(
        frozenset({PENDING_LOGIN, ACTIVE, DEGRADED, REAUTH_REQUIRED, INVALID}), SUSPENDED
    ),
    Cause.REACTIVATED_BY_STAFF: Arrow(frozenset({SUSPENDED}), REAUTH_REQUIRED),
    Cause.OWNERSHIP_TRANSFERRED: Arrow(
        frozenset({ACTIVE, DEGRADED, REAUTH_REQUIRED}), REAUTH_REQUIRED
    ),
    Cause.UNLINKING_BEGUN: Arrow(
        frozenset({PENDING_LOGIN, ACTIVE, DEGRADED, REAUTH_REQUIRED, INVALID, SUSPENDED}),
        DISCONNECTING,
    ),
    Cause.UNLINKING_FINISHED: Arrow(frozenset({DISCONNECTING}), UNLINKED),
}


def locked(account_id: UUID, *, owner_id: UUID | None = None) -> TradingAccount:
    """The account, held until the transaction ends, so that what is decided about it stays true.

    Raises NotFoundError, also when `owner_id` is given and does not own it by now.
    """
    # Without the owner: a join that no longer holds once somebody else's transfer is through would find no row at all.
    account = TradingAccount.objects.select_for_update(no_key=True).filter(pk=account_id).first()
    if account is None or owner_id not in (None, account.owner_id):
        raise NotFoundError
    return account


def allows(account: TradingAccount, cause: Cause) -> bool:
    """Whether the account may be moved by `cause` from where it stands."""
    return account.status in ARROWS[cause].sources


def require(account: TradingAccount, cause: Cause) -> None:
    """Raises AccountNotUsableError when `cause` does not lead anywhere from the account's status."""
    if not allows(account, cause):
        raise AccountNotUsableError(
            f"The account is: {AccountStatus(account.status).label}.", account_status=account.status
        )


def move(account: TradingAccount, cause: Cause, *, reason: str = "") -> None:
    """Set where `cause` leads on an account that the caller holds `locked`; the caller saves it.

    Raises AccountNotUsableError.
    """
    require(account, cause)
    account.status = ARROWS[cause].target
    account.status_reason = reason
    account.status_changed_at = timezone.now()
    transaction.on_commit(partial(TRANSITIONS.labels(account.broker, account.status).inc))
