"""Handing plaintext credentials to a service that may have them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from authz.services import decisions
from config.http import context
from config.http.principal import Principal
from events.domain import emit
from trading.brokers.base import BrokerCredentials
from trading.errors import (
    AccountNotUsableError,
    AccountSuspendedError,
    BrokerCredentialsInvalidError,
    BrokerLoginNeededError,
    CredentialsWithheldError,
    OwnerNotActiveError,
)
from trading.events import CredentialsRead, CredentialsReadRefused
from trading.metrics import CREDENTIAL_READS
from trading.models import AccountStatus, BrokerSession, TradingAccount
from trading.models.account import LIVE
from trading.services import access, broker_sessions
from trading.services.credentials import opened

REFUSALS: Mapping[AccountStatus, type[AccountNotUsableError]] = {
    AccountStatus.PENDING_LOGIN: BrokerLoginNeededError,
    AccountStatus.REAUTH_REQUIRED: BrokerLoginNeededError,
    AccountStatus.INVALID: BrokerCredentialsInvalidError,
    AccountStatus.SUSPENDED: AccountSuspendedError,
}


@dataclass(frozen=True, kw_only=True)
class ReadableCredentials:
    """Everything that a service needs to speak with the broker in the owner's name, and until when (UTC)."""

    account: TradingAccount
    version: int
    credentials: BrokerCredentials
    access_token: str = field(repr=False)
    reauth_by: datetime


def read(*, account: TradingAccount, reader: Principal) -> ReadableCredentials:
    """The credentials of a usable account of an active owner, for a client that no policy keeps away. The audit row is
    committed before this returns: without one nothing is handed out.

    Raises CredentialsWithheldError, OwnerNotActiveError, BrokerLoginNeededError, BrokerCredentialsInvalidError,
    AccountSuspendedError, AccountNotUsableError, audited as well; VaultUnavailableError.
    """
    try:
        readable = _readable(account, reader)
    except (AccountNotUsableError, CredentialsWithheldError) as error:
        _audit_refusal(account, reader, because=error.extensions.get("account_status", "withheld"))
        raise
    _audit(readable, reader)
    return readable


def _readable(account: TradingAccount, reader: Principal) -> ReadableCredentials:
    _require_no_policy_against(account, reader)
    owner = account.owner
    if not owner.is_active:
        raise OwnerNotActiveError(
            f"The account's owner is: {owner.get_status_display()}.",
            account_status=f"owner_{owner.status}",
        )
    session = (
        BrokerSession.objects.live().select_related("credential").filter(account=account).first()
    )
    status = account.status_at(timezone.now())
    if status not in LIVE or session is None:
        refusal = REFUSALS.get(status, AccountNotUsableError)
        raise refusal(f"The account is: {status.label}.", account_status=status)
    return ReadableCredentials(
        account=account,
        version=session.credential.number,
        credentials=opened(session.credential),
        access_token=broker_sessions.token_of(session),
        reauth_by=session.expires_at,
    )


def _require_no_policy_against(account: TradingAccount, reader: Principal) -> None:
    decision = decisions.check(
        subject=reader.subject,
        action=access.READ_CREDENTIALS,
        resource=account.entity,
        context={"ip": context.current().ip},
    )
    if not decision.allowed:
        raise CredentialsWithheldError


@transaction.atomic(durable=True)
def _audit(readable: ReadableCredentials, reader: Principal) -> None:
    CREDENTIAL_READS.labels("read").inc()
    emit(
        CredentialsRead(
            trading_account_id=readable.account.public_id,
            owner_id=readable.account.owner.public_id,
            client_id=reader.client_id,
            credential_version=readable.version,
        )
    )


@transaction.atomic(durable=True)
def _audit_refusal(account: TradingAccount, reader: Principal, *, because: str) -> None:
    CREDENTIAL_READS.labels("refused").inc()
    emit(
        CredentialsReadRefused(
            trading_account_id=account.public_id,
            owner_id=account.owner.public_id,
            client_id=reader.client_id,
            account_status=because,
        )
    )
