"""Lost factors: staff take them away, two of them together, within what each may do."""

from collections.abc import Collection

from accounts.models import User
from accounts.services.status import require_reach
from mfa.models import ResetRequest
from mfa.services import resets


def request(*, user: User, by: User, scopes: Collection[str], reason: str) -> ResetRequest:
    """Ask for a reset of the factors of `user`; `scopes` are those of `by`.

    Raises ForbiddenError for somebody who may do more than they, and what `mfa.services.resets.request` raises.
    """
    require_reach(user, scopes=scopes)
    return resets.request(user=user, requested_by=by, reason=reason)


def approve(*, user: User, by: User, scopes: Collection[str]) -> ResetRequest:
    """Approve what another asked for: the factors are gone and every session ends, in one transaction.

    Raises ForbiddenError as above, and what `mfa.services.resets.approve` raises.
    """
    require_reach(user, scopes=scopes)
    return resets.approve(user=user, approved_by=by)


def cancel(*, user: User, by: User, scopes: Collection[str]) -> None:
    """Take the request back. Raises ForbiddenError as above, and `mfa.errors.ResetNotFoundError`."""
    require_reach(user, scopes=scopes)
    resets.cancel(user=user, cancelled_by=by)
