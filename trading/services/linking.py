"""Linking a broker account: the credentials are kept, and a first login is asked for."""

from typing import TYPE_CHECKING

from django.db import transaction

from accounts.services import status
from events.domain import emit
from trading.brokers.base import BrokerCredentials
from trading.events import LinkBegun
from trading.models import TradingAccount
from trading.services import credentials as versions
from trading.services import login
from trading.services.login import LoginStarted

if TYPE_CHECKING:
    from accounts.models import User


@transaction.atomic
def begin(
    *, owner: "User", broker: str, nickname: str, credentials: BrokerCredentials | None = None
) -> LoginStarted:
    """A new account of `owner`, waiting for its first login, and where to make that. Without `credentials` the broker
    issues them.

    Raises ForbiddenError for an owner who is not active any more, VaultUnavailableError,
    BrokerRequestRefusedError, BrokerNotAnsweringError.
    """
    credentials = credentials or versions.issued_by(broker)
    account = TradingAccount.objects.create(owner=owner, broker=broker, nickname=nickname)
    version = versions.add_pending(account=account, credentials=credentials, created_by=owner)
    started = login.begin_with(account=account, version=version, user=owner)
    status.hold_active(owner)
    emit(
        LinkBegun(
            trading_account_id=account.public_id, owner_id=owner.public_id, broker=account.broker
        )
    )
    return started
