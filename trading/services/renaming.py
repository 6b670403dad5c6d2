"""What the owner calls an account."""

from collections.abc import Callable
from uuid import UUID

from django.db import transaction

from events.domain import emit
from trading.events import AccountRenamed
from trading.models import TradingAccount
from trading.services import transitions


@transaction.atomic
def rename(
    *, account_id: UUID, nickname: str, precondition: Callable[[TradingAccount], None]
) -> TradingAccount:
    """Give the account another nickname. `precondition` sees it held locked, and raises if it must not change now."""
    account = transitions.locked(account_id)
    precondition(account)
    account.nickname = nickname
    account.save()
    emit(AccountRenamed(trading_account_id=account.public_id, owner_id=account.owner.public_id))
    return account
