"""What people change about themselves."""

from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction

from accounts.events.people import UserUpdated
from accounts.models import User
from events.domain import emit

EDITABLE = ("name", "phone", "timezone", "locale")


def update(
    *,
    user: User,
    changes: Mapping[str, Any],
    precondition: Callable[[User], None] = lambda _: None,
) -> User:
    """Change some of `EDITABLE`; what stays as it was is no change, and no change is no event.

    `precondition` sees the person held locked, and raises if nothing must change now. Raises Django's ValidationError,
    naming the field.
    """
    with transaction.atomic():
        locked = User.objects.select_for_update(no_key=True).get(pk=user.pk)
        precondition(locked)
        changed = tuple(
            name for name in EDITABLE if name in changes and getattr(locked, name) != changes[name]
        )
        if not changed:
            return locked
        for name in changed:
            setattr(locked, name, changes[name])
        locked.clean_fields(
            exclude=[field.name for field in User._meta.fields if field.name not in changed]
        )
        locked.save(update_fields=[*changed, "updated_at"])
        emit(UserUpdated(user_id=locked.public_id, changed=changed))
    return locked
