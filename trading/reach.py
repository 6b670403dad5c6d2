"""Which trading accounts a person reaches: for the `acct` claim of their tokens and for their preferences."""

from django.utils import timezone

from accounts.models import User
from trading.models import TradingAccount
from trading.models.account import TradingAccountQuerySet


def account_ids(user: User) -> list[str]:
    """Public ids of the accounts that `user` owns or shares, newest first."""
    return [account.public_id for account in _reachable(user).order_by("-id").only("id")]


def is_reachable(user: User, account_id: str) -> bool:
    """Whether `account_id` is one of them."""
    return _reachable(user).with_public_id(account_id).exists()


def _reachable(user: User) -> TradingAccountQuerySet:
    return TradingAccount.objects.open().reachable_by(user, at=timezone.now())
