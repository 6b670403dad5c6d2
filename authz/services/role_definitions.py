"""What roles there are, and which scopes each one carries."""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import ProtectedError

from authz.errors import RoleInUseError, RoleNotFoundError
from authz.events import RoleDefined, RoleRemoved
from authz.models import Role
from authz.services.authorship import stated
from events.domain import emit


def define(*, name: str, description: str, scopes: Sequence[str], by: str, reason: str) -> Role:
    """Create the role, or give it another description and other scopes. Raises InvalidRequestError."""
    why = stated(reason)
    wanted = {"description": description, "scopes": sorted(set(scopes))}
    with transaction.atomic():
        role, is_new = Role.objects.select_for_update().get_or_create(name=name, defaults=wanted)
        if not is_new and (role.description, sorted(role.scopes)) == tuple(wanted.values()):
            return role
        role.description, role.scopes = description, sorted(set(scopes))
        role.save(update_fields=["description", "scopes", "updated_at"])
        emit(
            RoleDefined(
                role=name, role_id=role.public_id, scopes=tuple(role.scopes), by=by, reason=why
            )
        )
    return role


def remove(*, name: str, by: str, reason: str) -> None:
    """Delete a role that nobody ever held. Raises RoleNotFoundError, RoleInUseError, InvalidRequestError."""
    why = stated(reason)
    with transaction.atomic():
        role = Role.objects.select_for_update().filter(name=name).first()
        if role is None:
            raise RoleNotFoundError("There is no role of this name.")
        role_id = role.public_id
        try:
            role.delete()
        except ProtectedError:
            raise RoleInUseError(f"{name} is or was granted to somebody.") from None
        emit(RoleRemoved(role=name, role_id=role_id, scopes=(), by=by, reason=why))
