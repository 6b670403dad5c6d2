"""What authz itself knows of people: their roles."""

from collections.abc import Collection, Mapping
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import FilteredRelation, Q
from django.utils import timezone

from authz.attributes import Attributes
from authz.directories import Wanted
from authz.models import RoleGrant


class RoleAttributes:
    """`roles`, by public user id, in one query. Good until the first of the grants runs out."""

    names = frozenset({"roles"})

    def load(self, ids: Collection[str]) -> Mapping[str, Attributes]:
        people = get_user_model()
        keys = {key: text for text in ids if (key := people.parse_id(text)) is not None}
        now = timezone.now()
        in_force = Q(role_grants__ended_at=None) & (
            Q(role_grants__expires_at=None) | Q(role_grants__expires_at__gt=now)
        )
        rows: Any = (
            people._default_manager.filter(pk__in=keys)
            .annotate(live=FilteredRelation("role_grants", condition=in_force))
            .values_list("pk", "live__role__name", "live__expires_at")
        )
        roles: dict[str, set[str]] = {}
        ends: dict[str, list[Any]] = {}
        for key, role, expires_at in rows:
            held = roles.setdefault(keys[key], set())
            if role is not None:
                held.add(role)
            if expires_at is not None:
                ends.setdefault(keys[key], []).append(expires_at)
        return {
            text: Attributes({"roles": frozenset(held)}, min(ends.get(text, ()), default=None))
            for text, held in roles.items()
        }


def holding(wanted: Wanted) -> Q | None:
    """`subject.roles contains …`, and what `role:` subjects come to: those who hold it now."""
    match wanted:
        case Wanted(("roles",), "contains", str(role)):
            return Q(pk__in=RoleGrant.objects.live().for_role(role).values("user_id"))
    return None
