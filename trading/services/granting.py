"""Nobody gives away more than they have."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils import timezone

from trading.errors import GrantExceedsOwnError
from trading.models import Membership, TradingAccount

if TYPE_CHECKING:
    from accounts.models import User


def require_may_grant(
    *,
    grantor: "User",
    account: TradingAccount,
    permissions: Iterable[str],
    expires_at: datetime | None,
) -> None:
    """The owner grants anything; a member what they hold themselves, and for no longer than they hold it.

    Raises GrantExceedsOwnError.
    """
    if account.owner_id == grantor.pk:
        return
    own = Membership.objects.live(timezone.now()).filter(account=account, user=grantor).first()
    if own is None or not set(permissions) <= set(own.permissions):
        raise GrantExceedsOwnError
    if own.expires_at is not None and (expires_at is None or expires_at > own.expires_at):
        raise GrantExceedsOwnError("It cannot last longer than your own membership.")
