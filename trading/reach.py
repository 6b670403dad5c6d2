"""Which trading accounts a person reaches: for the `acct` claim of their tokens and for their preferences."""

from datetime import datetime

from django.utils import timezone

from accounts.models import User
from config.compiled_queries import CompiledQuery, parameter
from config.ids import public_id
from trading.models import TradingAccount
from trading.models.account import TradingAccountQuerySet

_ids = CompiledQuery(
    lambda: _reachable(parameter("user"), at=parameter("now")).order_by("-id").values_list("pk")
)


def account_ids(user: User) -> list[str]:
    """Public ids of the accounts that `user` owns or shares, newest first."""
    keys = _ids.rows(user=user.pk, now=timezone.now())
    return [public_id(TradingAccount.PREFIX, key) for (key,) in keys]


def is_reachable(user: User, account_id: str) -> bool:
    """Whether `account_id` is one of them."""
    reachable = _reachable(user, at=timezone.now())
    return reachable.with_public_id(account_id).exists()


def _reachable(user: User, *, at: datetime) -> TradingAccountQuerySet:
    return TradingAccount.objects.open().reachable_by(user, at=at)
