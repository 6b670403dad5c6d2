"""Policies of the house's own, each with the versions through which it came to what it says now."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from django.db import models

from audit.types import AuditType
from authz.engine import document as language
from authz.models import Policy, PolicyCase, PolicyVersion
from demo.chance import Chance
from demo.people import Person
from demo.rows import made_at
from demo.trail import Trail

ACCOUNTS, PEOPLE, ORDERS = ["trading_account:*"], ["user:*"], ["trade:place_order"]


def _document(name: str, description: str, effect: str, condition: Any, **more: Any) -> Any:
    return {
        "name": name,
        "description": description,
        "effect": effect,
        "priority": 100,
        "subjects": PEOPLE,
        "actions": ORDERS,
        "resources": ACCOUNTS,
        "condition": condition,
        "enabled": True,
    } | more


def _large_orders(limit: int) -> Any:
    return _document(
        "large-orders-need-a-second-factor",
        f"An order above {limit:,} rupees wants a second factor.",
        "deny",
        {
            "all": [
                {"attr": "context.order_value", "exists": True},
                {"attr": "context.order_value", "gt": limit},
                {"not": {"attr": "context.acr", "eq": "mfa"}},
            ]
        },
    )


def _orders_without_verification(enabled: bool) -> Any:
    return _document(
        "orders-need-a-verified-address",
        "Who has not confirmed their address does not trade.",
        "deny",
        {"attr": "subject.verified", "ne": True},
        enabled=enabled,
    )


def _desk(networks: list[str]) -> Any:
    return _document(
        "desk-only-from-the-office",
        "Members of a desk place orders from the office's networks alone.",
        "deny",
        {
            "all": [
                {"attr": "context.channel", "exists": True},
                {"attr": "context.channel", "eq": "desk"},
                {"not": {"attr": "context.ip", "in_network": networks}},
            ]
        },
    )


# What each says, version by version, with the reason for the change.
HISTORIES: tuple[tuple[tuple[Any, str], ...], ...] = (
    (
        (_large_orders(100_000), "Asked for by risk management"),
        (_large_orders(500_000), "Too many people were asked: RISK-118"),
        (_large_orders(250_000), "Settled with risk management: RISK-131"),
    ),
    (
        (_orders_without_verification(True), "Compliance review of the third quarter"),
        (_orders_without_verification(False), "Off while mails were late"),
        (_orders_without_verification(True), "Mails arrive again"),
    ),
    (
        (_desk(["203.0.113.0/25"]), "The desk in Mumbai"),
        (_desk(["203.0.113.0/25", "2001:db8:51::/48"]), "The desk in Pune moved in"),
    ),
)
CASE = {
    "subject": "user:usr_1",
    "subject_properties": {"status": "active", "verified": True},
    "action": "trade:place_order",
    "resource": "trading_account:acc_1",
    "resource_properties": {"owner": "usr_1", "owner_active": True, "status": "active"},
}


def rows_of(crowd: Sequence[Person], trail: Trail, chance: Chance) -> Iterator[list[models.Model]]:
    """The oldest version is two months old. Raises PolicyError for a document that does not compile."""
    (admin, *_) = [person for person in crowd if person.role == "admin"] or crowd
    by = f"user:{admin.public_id}"
    policies: list[models.Model] = []
    versions: list[models.Model] = []
    for history in HISTORIES:
        policy = _policy(history, chance)
        policies.append(policy)
        for number, (document, reason) in enumerate(history, start=1):
            at = policy.created_at + timedelta(days=13 * (number - 1))
            version = made_at(
                PolicyVersion,
                at,
                chance,
                policy=policy,
                number=number,
                document=document,
                created_by=by,
                reason=reason,
            )
            policy.current, policy.updated_at = version, at
            versions.append(version)
            _tell(trail, policy, version, admin)
    yield policies
    yield versions
    yield [_case(policies[0], by, chance)]


def _policy(history: tuple[tuple[Any, str], ...], chance: Chance) -> Policy:
    for document, _ in history:
        language.parse(document)
    begun = chance.ago(days=chance.number(45, 65))
    return made_at(Policy, begun, chance, name=history[-1][0]["name"])


def _tell(trail: Trail, policy: Policy, version: PolicyVersion, admin: Person) -> None:
    kind = AuditType.POLICY_CREATED if version.number == 1 else AuditType.POLICY_UPDATED
    told = {
        "policy": policy.name,
        "policy_id": policy.public_id,
        "policy_version": version.number,
        "by": version.created_by,
        "reason": version.reason,
    }
    trail.note(kind, version.created_at, actor=admin.public_id, told=told)


def _case(policy: Any, by: str, chance: Chance) -> PolicyCase:
    return made_at(
        PolicyCase,
        policy.created_at + timedelta(hours=1),
        chance,
        policy=policy,
        name="a-large-order-without-a-second-factor",
        given=CASE | {"context": {"acr": "pwd", "order_value": 600_000}},
        expect="deny",
        created_by=by,
        reason="What the policy is for",
    )
