"""New credentials for an account: proven by a login before the old ones stop serving."""

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from config.http.problems import NotFoundError
from events.domain import emit
from trading.brokers.base import BrokerCredentials
from trading.events import RotationBegun, RotationCancelled
from trading.models import CredentialStatus, CredentialVersion, TradingAccount
from trading.services import credentials as versions
from trading.services import login, transitions
from trading.services.login import LoginStarted
from trading.services.transitions import Cause

if TYPE_CHECKING:
    from accounts.models import User


def begin(
    *, account: TradingAccount, user: "User", credentials: BrokerCredentials | None = None
) -> LoginStarted:
    """Keep `credentials`, or what the broker issues, beside the current ones and say where to prove them. What was
    waiting to be proven before is dropped.

    Raises AccountNotUsableError, VaultUnavailableError, BrokerRequestRefusedError, BrokerNotAnsweringError, and
    NotFoundError when the account is somebody else's by now.
    """
    credentials = credentials or versions.issued_by(account.broker)
    transitions.require(account, Cause.LOGIN_COMPLETED)
    version = versions.sealed(account=account, credentials=credentials, created_by=user)
    return _begin(version, credentials, user)


@transaction.atomic
def _begin(
    version: CredentialVersion, credentials: BrokerCredentials, user: "User"
) -> LoginStarted:
    held = transitions.locked(version.account_id, owner_id=version.account.owner_id)
    transitions.require(held, Cause.LOGIN_COMPLETED)
    version.account = held
    versions.add_pending(version)
    started = login.begin_with(account=held, version=version, credentials=credentials, user=user)
    emit(
        RotationBegun(
            trading_account_id=held.public_id,
            owner_id=held.owner.public_id,
            credential_version=version.number,
        )
    )
    return started


@transaction.atomic
def cancel(*, account: TradingAccount) -> None:
    """Drop what waits to be proven; a login with it that comes back later is refused. The current ones go on.

    Raises NotFoundError when no new credentials wait; the first ones of an account are no rotation.
    """
    held = transitions.locked(account.pk)
    pending = held.credential_versions.pending().first()
    if pending is None or not held.credential_versions.current().exists():
        raise NotFoundError("No new credentials wait to be proven.")
    versions.retire(account=held, status=CredentialStatus.PENDING, at=timezone.now())
    emit(
        RotationCancelled(
            trading_account_id=held.public_id,
            owner_id=held.owner.public_id,
            credential_version=pending.number,
        )
    )
