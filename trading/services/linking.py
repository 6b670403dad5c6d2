"""Linking a broker account: the credentials are kept, and a first login is asked for."""

from typing import TYPE_CHECKING

from django.db import transaction

from accounts.services import status
from config.http.problems import ForbiddenError
from config.vault.sealing import shred
from events.domain import emit
from trading.brokers.base import BrokerCredentials
from trading.events import LinkBegun
from trading.models import CredentialVersion, TradingAccount
from trading.services import credentials as versions
from trading.services import login
from trading.services.login import LoginStarted

if TYPE_CHECKING:
    from accounts.models import User


def begin(
    *, owner: "User", broker: str, nickname: str, credentials: BrokerCredentials | None = None
) -> LoginStarted:
    """A new account of `owner`, waiting for its first login, and where to make that. Without `credentials` the broker
    issues them.

    Raises ForbiddenError for an owner who is not active any more, VaultUnavailableError,
    BrokerRequestRefusedError, BrokerNotAnsweringError.
    """
    credentials = credentials or versions.issued_by(broker)
    account = TradingAccount(owner=owner, broker=broker, nickname=nickname)
    version = versions.sealed(account=account, credentials=credentials, created_by=owner)
    try:
        return _begin(version, credentials)
    except ForbiddenError:
        shred(account.key_subject)
        raise


@transaction.atomic
def _begin(version: CredentialVersion, credentials: BrokerCredentials) -> LoginStarted:
    account = version.account
    account.save(force_insert=True)
    versions.add_pending(version)
    started = login.begin_with(
        account=account, version=version, credentials=credentials, user=account.owner
    )
    status.hold_active(account.owner)
    emit(
        LinkBegun(
            trading_account_id=account.public_id,
            owner_id=account.owner.public_id,
            broker=account.broker,
        )
    )
    return started
