"""From an id in a URL to the row, for those who may know that it exists."""

from uuid import UUID

from django.utils import timezone
from rest_framework.request import Request

from accounts.models import User
from authz.api.questions import facts
from config.http.principal import principal_of
from config.http.problems import NotFoundError
from trading.models import Membership, OwnershipTransfer, TradingAccount
from trading.models.account import TradingAccountQuerySet
from trading.services import access


def caller(request: Request) -> User:
    """The person who asks; views that call this let nobody else in."""
    user = request.user
    if not isinstance(user, User):
        raise TypeError("a view for people was reached by somebody else")
    return user


def reachable(user: User) -> TradingAccountQuerySet:
    """What `user` owns or shares, with all that an answer shows of it."""
    now = timezone.now()
    accounts = TradingAccount.objects.open().reachable_by(user, at=now).select_related("owner")
    return accounts.with_permissions_of(user, at=now).with_credentials()


def account_seen_by(request: Request, account_id: str) -> TradingAccount:
    """The account, if it is the caller's or shared with them. Raises NotFoundError for everybody else."""
    account = reachable(caller(request)).with_public_id(account_id).first()
    if account is None:
        raise NotFoundError
    return account


def account_for(request: Request, account_id: str, *, action: str) -> TradingAccount:
    """The same, if the caller may also do `action` with it.

    Raises NotFoundError for strangers, ForbiddenError for a member without the permission.
    """
    account = account_seen_by(request, account_id)
    require_permission(request, account, action=action)
    return account


def require_permission(request: Request, account: TradingAccount, *, action: str) -> None:
    """Raises ForbiddenError unless a policy lets the caller, as they have signed in, do `action`."""
    access.require(
        user=caller(request),
        account=account,
        action=action,
        circumstances=facts(principal_of(request)),
    )


def account_known_to_services(account_id: str) -> TradingAccount:
    """Any account that has not been unlinked. Raises NotFoundError."""
    account = TradingAccount.objects.open().with_public_id(account_id).first()
    if account is None:
        raise NotFoundError
    return account


def membership_key(membership_id: str) -> UUID:
    """The key in an invitation's id. Raises NotFoundError for what is not one."""
    key = Membership.parse_id(membership_id)
    if key is None:
        raise NotFoundError
    return key


def transfer_key(transfer_id: str) -> UUID:
    """The key in the id of an offer of ownership. Raises NotFoundError for what is not one."""
    key = OwnershipTransfer.parse_id(transfer_id)
    if key is None:
        raise NotFoundError
    return key


def membership_of(account: TradingAccount, membership_id: str) -> Membership:
    """A standing membership of that very account. Raises NotFoundError."""
    standing = account.memberships.standing().select_related("user")
    membership = standing.with_public_id(membership_id).first()
    if membership is None:
        raise NotFoundError
    return membership
