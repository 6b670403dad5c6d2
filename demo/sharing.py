"""Who may use whose account: accepted, invited, left, taken back; and an offer to take one over."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from django.db import models

from demo.brokers import Linked
from demo.chance import Chance
from demo.people import DOMAIN, Person
from demo.rows import made_at
from trading.models import Membership, MembershipStatus, OwnershipTransfer

STATUSES = (
    *[MembershipStatus.ACTIVE] * 40,
    *[MembershipStatus.INVITED] * 8,
    *[MembershipStatus.LEFT] * 3,
    *[MembershipStatus.REVOKED] * 5,
    *[MembershipStatus.DECLINED] * 2,
    *[MembershipStatus.EXPIRED] * 4,
)
PERMISSIONS = (["read"], ["read"], ["read", "trade"], ["read", "trade", "manage"])
OFFERS = 2


def rows_of(
    accounts: Sequence[Linked], crowd: Sequence[Person], chance: Chance
) -> Iterator[list[models.Model]]:
    """Of every account that may be shared some are, Asha Rao's among them."""
    usable = [linked for linked in accounts if linked.is_live]
    members = [person for person in crowd if person.is_active and person.role == "trader"]
    taken: set[tuple[object, object]] = set()
    shared: list[Membership] = []
    for number, status in enumerate(STATUSES if usable else ()):
        linked = usable[0] if number in {0, 40} else chance.one_of(usable)
        member = chance.one_of(members)
        pair = (linked.account.pk, member.user.pk)
        if member is linked.person or pair in taken:
            continue
        taken.add(pair)
        shared.append(_shared(linked, member, status, chance))
    yield list(shared)
    yield [_offer(membership, chance) for membership in _of_different_accounts(shared[1:])[:OFFERS]]


def _of_different_accounts(shared: Sequence[Membership]) -> list[Membership]:
    """The first active one of each: an account is offered to one person at a time."""
    first: dict[object, Membership] = {}
    for membership in shared:
        if membership.status == MembershipStatus.ACTIVE:
            first.setdefault(membership.account_id, membership)
    return list(first.values())


def _shared(linked: Linked, member: Person, status: MembershipStatus, chance: Chance) -> Membership:
    begun = chance.between(
        max(linked.account.created_at, member.joined), chance.until - timedelta(hours=2)
    )
    invited = status == MembershipStatus.INVITED
    if invited:
        begun = chance.ago(hours=chance.share(2, 72))
    accepted = status not in {MembershipStatus.INVITED, MembershipStatus.DECLINED}
    standing = status in {MembershipStatus.INVITED, MembershipStatus.ACTIVE}
    return made_at(
        Membership,
        begun,
        chance,
        account=linked.account,
        user=None if invited else member.user,
        invited_email=f"guest.{chance.word(6)}@{DOMAIN}" if invited else member.user.email,
        permissions=list(chance.one_of(PERMISSIONS)),
        status=status,
        granted_by=linked.account.owner,
        invitation_expires_at=begun + timedelta(days=14),
        expires_at=chance.until + timedelta(days=30) if chance.happens(0.3) else None,
        accepted_at=begun + timedelta(minutes=20) if accepted else None,
        ended_at=None if standing else chance.between(begun, chance.until),
    )


def _offer(membership: Membership, chance: Chance) -> OwnershipTransfer:
    return made_at(
        OwnershipTransfer,
        chance.ago(hours=5),
        chance,
        account=membership.account,
        membership=membership,
        offered_by=membership.granted_by,
        keeps=["read"],
        expires_at=chance.until + timedelta(days=3),
    )
