"""Which roles somebody holds, as a floor above knows it."""

from collections.abc import Callable
from uuid import UUID

RolesOf = Callable[[UUID], frozenset[str]]

_registered: list[RolesOf] = []


def register(roles_of: RolesOf) -> None:
    """For the app that has the roles: the names of those that a person holds now."""
    _registered.append(roles_of)


def roles_of(user_id: UUID) -> frozenset[str]:
    """The names of the roles that the person holds now."""
    return frozenset().union(*(known(user_id) for known in _registered))
