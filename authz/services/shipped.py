"""The roles and policies that come with the product, put in place without touching what staff made of them."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from django.db import transaction

from authz.models import Policy, PolicyVersion, Role
from authz.services import policies
from authz.services.authorship import SHIPPED
from config.locking import alone

FOLDER = Path(__file__).resolve().parent.parent / "shipped"
REASON = "comes with the product"


class Action(StrEnum):
    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    KEPT = "kept"  # staff changed, renamed or deleted it


@dataclass(frozen=True, slots=True)
class Step:
    """What was done, or would be, about one role or policy."""

    kind: str
    name: str
    action: Action


def install(*, dry_run: bool = False) -> list[Step]:
    """Create what is missing, and bring up to date what only we have written. Running it again changes nothing."""
    with transaction.atomic():
        alone("authz.shipped")  # many machines may start at once
        return [*install_roles(dry_run=dry_run), *_install_policies(dry_run=dry_run)]


def install_roles(*, dry_run: bool = False) -> list[Step]:
    """The roles alone. A role whose scopes staff changed keeps them."""
    return [_install_role(shipped, dry_run=dry_run) for shipped in _read(FOLDER / "roles.json")]


def _install_role(shipped: dict[str, Any], *, dry_run: bool) -> Step:
    name, scopes = shipped["name"], sorted(shipped["scopes"])
    role = Role.objects.filter(name=name).first()
    if role is None:
        action = Action.CREATED
        if not dry_run:
            Role.objects.get_or_create(
                name=name,
                defaults={
                    "description": shipped["description"],
                    "scopes": scopes,
                    "shipped_scopes": scopes,
                },
            )
    elif role.shipped_scopes is None or role.scopes != role.shipped_scopes:
        action = Action.KEPT
    elif role.scopes == scopes:
        action = Action.UNCHANGED
    else:
        action = Action.UPDATED
        if not dry_run:
            role.scopes = role.shipped_scopes = scopes
            role.save(update_fields=["scopes", "shipped_scopes", "updated_at"])
    return Step("role", name, action)


def _install_policies(*, dry_run: bool) -> Iterator[Step]:
    for path in sorted((FOLDER / "policies").glob("*.json")):
        document = _read(path)
        action, apply = _plan(document)
        if not dry_run:
            apply()
        yield Step("policy", document["name"], action)


def _plan(document: dict[str, Any]) -> tuple[Action, Callable[[], object]]:
    """What there is to do for one document, and the call that does it."""
    name = document["name"]
    first = PolicyVersion.objects.filter(created_by=SHIPPED, document__name=name).first()
    if first is None:
        if Policy.objects.live().filter(name=name).exists():
            return Action.KEPT, _nothing
        return Action.CREATED, lambda: policies.create(
            document=document, by=SHIPPED, reason=REASON, break_cases=True
        )
    policy = Policy.objects.with_current().get(pk=first.policy_id)
    if policy.deleted_at is not None or policy.current.created_by != SHIPPED:
        return Action.KEPT, _nothing
    if policy.current.document == document:
        return Action.UNCHANGED, _nothing
    return Action.UPDATED, lambda: policies.update(
        policy_id=policy.pk, document=document, by=SHIPPED, reason=REASON, break_cases=True
    )


def _nothing() -> None:
    """There is nothing to do."""


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))
