"""What policies may ask about trading accounts, and about people because of them."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from django.db.models import FilteredRelation, Q
from django.utils import timezone

from accounts.models import User
from authz.attributes import Attributes
from config.ids import public_id
from trading.models import MembershipStatus, TradingAccount


class TradingAccountAttributes:
    """`owner` is a public user id, `owner_active` whether that person may use the platform; `status` and `broker` are
    words of the API. An unlinked account does not exist.
    """

    names = frozenset({"owner", "owner_active", "status", "broker"})

    def load(self, ids: Collection[str]) -> Mapping[str, Attributes]:
        now = timezone.now()
        wanted = [key for text in ids if (key := TradingAccount.parse_id(text))]
        accounts = TradingAccount.objects.open().filter(pk__in=wanted).select_related("owner")
        return {
            account.public_id: Attributes(
                values={
                    "owner": public_id(User.PREFIX, account.owner_id),
                    "owner_active": account.owner.is_active,
                    "status": account.status_at(now).value,
                    "broker": account.broker,
                },
                good_until=account.reauth_by,
            )
            for account in accounts.only("owner__status", "status", "broker", "reauth_by")
        }


class MembershipAttributes:
    """`memberships` of a person: account id to `{"permissions": […]}`, only what has been accepted and lasts."""

    names = frozenset({"memberships"})

    def load(self, ids: Collection[str]) -> Mapping[str, Attributes]:
        now = timezone.now()
        wanted = [key for text in ids if (key := User.parse_id(text))]
        lasting = Q(trading_memberships__expires_at__isnull=True) | Q(
            trading_memberships__expires_at__gt=now
        )
        rows = (
            User.objects.filter(pk__in=wanted)
            .annotate(
                live=FilteredRelation(
                    "trading_memberships",
                    condition=lasting & Q(trading_memberships__status=MembershipStatus.ACTIVE),
                )
            )
            .values_list("pk", "live__account_id", "live__permissions", "live__expires_at")
        )
        return _by_person(rows)


def _by_person(rows: Any) -> Mapping[str, Attributes]:
    """A person without memberships has one row of nothing."""
    memberships: dict[UUID, dict[str, Any]] = {}
    ends: dict[UUID, list[Any]] = {}
    for user_id, account_id, permissions, expires_at in rows:
        mine = memberships.setdefault(user_id, {})
        if account_id is not None:
            mine[public_id(TradingAccount.PREFIX, account_id)] = {"permissions": permissions}
            ends.setdefault(user_id, []).append(expires_at)
    return {
        public_id(User.PREFIX, user_id): Attributes(
            values={"memberships": mine},
            good_until=min(filter(None, ends.get(user_id, ())), default=None),
        )
        for user_id, mine in memberships.items()
    }
