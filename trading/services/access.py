"""Who may do what with an account: the decision engine's answer, as an error or as silence."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from authz.services import decisions
from authz.services.decisions import Question
from config.http.problems import ForbiddenError
from trading.models import TradingAccount

if TYPE_CHECKING:
    from accounts.models import User

READ = "trading_account:read"
MANAGE = "trading_account:manage"
# The owner's alone: the policies that come with the product let no member do these.
UNLINK = "trading_account:unlink"
ROTATE = "trading_account:rotate_credentials"
TRANSFER = "trading_account:transfer"
# A service client's: the plaintext credentials.
READ_CREDENTIALS = "trading_account:read_credentials"
# What is asked before orders are placed at the broker, by whoever places them.
PLACE_ORDER = "trade:place_order"
CANCEL_ORDER = "trade:cancel_order"
ACTIONS = (READ, MANAGE, UNLINK, ROTATE, TRANSFER, READ_CREDENTIALS, PLACE_ORDER, CANCEL_ORDER)


def readable(
    *, user: "User", accounts: Sequence[TradingAccount], circumstances: Mapping[str, Any]
) -> list[TradingAccount]:
    """Those of `accounts` that `user` may see, asked in one go."""
    questions = [
        Question(
            subject=f"user:{user.public_id}",
            action=READ,
            resource=account.entity,
            context=circumstances,
        )
        for account in accounts
    ]
    answers = decisions.check_many(questions)
    return [account for account, answer in zip(accounts, answers, strict=True) if answer.allowed]


def require(
    *,
    user: "User",
    account: TradingAccount,
    action: str,
    circumstances: Mapping[str, Any],
) -> None:
    """Raises ForbiddenError unless a policy lets `user` do `action` with `account` in these circumstances."""
    decision = decisions.check(
        subject=f"user:{user.public_id}",
        action=action,
        resource=account.entity,
        context=circumstances,
    )
    if not decision.allowed:
        raise ForbiddenError
