"""Handing plaintext credentials to a service that may have them."""

from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from config.http.principal import Principal
from events.domain import emit
from trading.brokers.base import BrokerCredentials
from trading.errors import AccountNotUsableError
from trading.events import CredentialsRead, CredentialsReadRefused
from trading.metrics import CREDENTIAL_READS
from trading.models import AccountStatus, BrokerSession, TradingAccount
from trading.services import broker_sessions
from trading.services.credentials import opened


@dataclass(frozen=True, kw_only=True)
class ReadableCredentials:
    """Everything that a service needs to speak with the broker in the owner's name, and until when (UTC)."""

    account: TradingAccount
    version: int
    credentials: BrokerCredentials
    access_token: str = field(repr=False)
    expires_at: datetime


def read(*, account: TradingAccount, reader: Principal) -> ReadableCredentials:
    """The credentials of an active account of an active owner. The audit row is committed before this returns.

    Raises AccountNotUsableError, audited as well, naming the status in which the account or its owner is;
    VaultUnavailableError.
    """
    try:
        readable = _readable(account)
    except AccountNotUsableError as error:
        _audit_refusal(account, reader, because=error.extensions["account_status"])
        raise
    _audit(readable, reader)
    return readable


def _readable(account: TradingAccount) -> ReadableCredentials:
    owner = account.owner
    if not owner.is_active:
        raise AccountNotUsableError(
            f"The account's owner is: {owner.get_status_display()}.",
            account_status=f"owner_{owner.status}",
        )
    sessions = BrokerSession.objects.live().select_related("credential").filter(account=account)
    session = sessions.first()
    status = account.status_at(timezone.now())
    if status != AccountStatus.ACTIVE or session is None:
        raise AccountNotUsableError(f"The account is: {status.label}.", account_status=status)
    return ReadableCredentials(
        account=account,
        version=session.credential.number,
        credentials=opened(session.credential),
        access_token=broker_sessions.token_of(session),
        expires_at=session.expires_at,
    )


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
