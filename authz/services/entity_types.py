"""The types that anything was ever stored of: known in a process for each stamp.

Entities of other types cost a question nothing: no stamp is read for them, and no row.
"""

from dataclasses import dataclass

from django.db import connection

from authz.models import EntityType


@dataclass(frozen=True, slots=True)
class _Held:
    stamp: str
    types: frozenset[str]


_held = _Held("", frozenset())


def known_last() -> frozenset[str]:
    """What this process knew when it last looked."""
    return _held.types


def at(stamp: str) -> frozenset[str]:
    """The types as they are now, `stamp` being what `freshness` says of them now."""
    global _held  # noqa: PLW0603 - the one place that holds it
    held = _held
    if held.stamp == stamp:
        return held.types
    types = frozenset(EntityType.objects.values_list("pk", flat=True))
    if not connection.in_atomic_block:  # else some may never come to be
        _held = _Held(stamp, types)
    return types
