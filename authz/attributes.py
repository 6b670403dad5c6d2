"""What policies may ask about an entity, and who answers.

An app registers a provider for a type of entity in its `apps.py`. Several providers may contribute to one type
as long as no two claim the same name: `accounts` knows a user's status, `trading` their memberships.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django.core.exceptions import ImproperlyConfigured

RESERVED = frozenset({"id", "type"})


@dataclass(frozen=True, slots=True)
class Attributes:
    """What one provider knows of one entity.

    `values` are JSON values by name (a set counts as a list, times are RFC 3339 strings). A name that is left
    out or None is missing: a test on it is unknown. `good_until` is the moment at which the values change by
    the passing of time alone (a grant runs out), None when they don't.
    """

    values: Mapping[str, Any]
    good_until: datetime | None = None


class AttributeProvider(Protocol):
    """Answers for some attributes of one type of entity."""

    @property
    def names(self) -> frozenset[str]:
        """Every name that `load` may return. A caller's own value never stands in for one of these."""
        ...

    def load(self, ids: Collection[str]) -> Mapping[str, Attributes]:
        """The attributes of many entities, by id, in as few queries as for one.

        `ids` are what follows the type in `user:usr_…` and may be anything that a caller sent. An id that is
        not in the answer does not exist.
        """
        ...


class AttributeRegistry:
    """The providers by type of entity."""

    def __init__(self) -> None:
        self._providers: dict[str, list[AttributeProvider]] = {}

    def register(self, entity_type: str, provider: AttributeProvider) -> None:
        """Add a provider. Raises ImproperlyConfigured when a name has an owner already."""
        taken = self.names(entity_type) | RESERVED
        if clash := taken & provider.names:
            raise ImproperlyConfigured(
                f"Attributes of {entity_type!r} have two providers: {', '.join(sorted(clash))}"
            )
        self._providers.setdefault(entity_type, []).append(provider)

    def knows(self, entity_type: str) -> bool:
        """Whether entities of this type are our own."""
        return entity_type in self._providers

    def providers(self, entity_type: str) -> tuple[AttributeProvider, ...]:
        return tuple(self._providers.get(entity_type, ()))

    def names(self, entity_type: str) -> frozenset[str]:
        """The attributes of a type that we answer for ourselves."""
        return frozenset().union(*(provider.names for provider in self.providers(entity_type)))


registry = AttributeRegistry()


def register(entity_type: str, provider: AttributeProvider) -> None:
    """Let `provider` answer for attributes of `entity_type` (`user`, `trading_account`).

    Raises ImproperlyConfigured when a name has an owner already.
    """
    registry.register(entity_type, provider)
