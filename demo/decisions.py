"""Decisions as they were asked for in a month: most are about the account of the person who asks."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from django.conf import settings

from authz.engine.verdict import Reason
from authz.models import DecisionRecord, Policy
from authz.services import policy_sets
from demo.brokers import Linked
from demo.chance import Chance
from demo.people import Person
from demo.rows import made_at
from demo.sign_ins import HOURS
from trading.brokers.indian_day import IST
from trading.models import AccountStatus

MONTH = 30
ACTIONS = ("trade:place_order", "trade:place_order", "trade:cancel_order", "account:read")
LARGE = 250_000
STRANGER_SHARE, LARGE_SHARE = 0.12, 0.08


def rows_of(
    count: int, accounts: Sequence[Linked], crowd: Sequence[Person], chance: Chance
) -> Iterator[DecisionRecord]:
    """`count` of them, with the policies as they are in the database now."""
    fingerprint = policy_sets.build(list(Policy.objects.in_force())).fingerprint
    kept = timedelta(seconds=settings.ENVIRONMENT.decision_retention)
    days = min(MONTH, kept.days) - 1
    for _ in range(count if accounts else 0):
        linked = chance.one_of(accounts)
        day = chance.ago(days=chance.number(0, days)).astimezone(IST)
        day = day.replace(hour=chance.weighted(range(24), HOURS), minute=0, second=0, microsecond=0)
        at = day + timedelta(seconds=chance.number(0, 3599))
        if linked.account.created_at < at < chance.until:
            yield _decision(linked, crowd, at, fingerprint, chance)


def _decision(
    linked: Linked, crowd: Sequence[Person], at: datetime, fingerprint: str, chance: Chance
) -> DecisionRecord:
    account, action = linked.account, chance.one_of(ACTIONS)
    asks = chance.one_of(crowd) if chance.happens(STRANGER_SHARE) else linked.person
    value = (
        chance.number(LARGE, 4 * LARGE)
        if chance.happens(LARGE_SHARE)
        else chance.number(500, 90_000)
    )
    policy = _decided_by(linked, asks, action, value)
    allowed = policy in {"owners", "members-read"}
    return made_at(
        DecisionRecord,
        at,
        chance,
        decided_at=at,
        subject=f"user:{asks.public_id}",
        subject_type="user",
        action=action,
        resource=account.entity,
        resource_type="trading_account",
        allowed=allowed,
        reason=(Reason.POLICY if policy else Reason.NO_POLICY).value,
        policy=policy,
        policy_version=1 if policy else None,
        fingerprint=fingerprint,
        source="check",
        request_id=f"req-{chance.word(16)}",
        context={"acr": "pwd", "order_value": value} if action == ACTIONS[0] else {"acr": "pwd"},
        subject_attributes={"status": asks.user.status, "verified": asks.is_active},
        resource_attributes={
            "owner": linked.person.public_id,
            "owner_active": linked.person.is_active,
            "status": account.status,
            "broker": account.broker,
        },
    )


def _decided_by(linked: Linked, asks: Person, action: str, value: int) -> str:
    """Which policy decides; none where nothing gives the right."""
    trades = action.startswith("trade:")
    if not asks.is_active:
        return "people-who-are-not-active"
    if trades and linked.account.status not in {AccountStatus.ACTIVE, AccountStatus.DEGRADED}:
        return "accounts-that-are-not-active"
    if action == ACTIONS[0] and value > LARGE and asks is linked.person:
        return "large-orders-need-a-second-factor"
    return "owners" if asks is linked.person else ""
