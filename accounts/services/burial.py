"""The last of a person: sessions ended, and a tombstone in their place."""

from datetime import datetime
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from accounts.events.people import UserErased
from accounts.models import Session, User
from accounts.models.session import EndReason
from accounts.models.user import UserStatus
from accounts.services import sessions
from audit.privacy.registry import Person
from events.domain import emit


def end_sessions(person: Person) -> None:
    """Those that a sign-in began in the moment in which the account was closed."""
    live = Session.objects.live().for_user(person.pk).select_related("user")
    for session in live:
        sessions.end(session=session, reason=EndReason.DEACTIVATED)


def bury(person: Person) -> int:
    """Take every personal field from the row, and tell receivers, once; returns whether there was anything to take."""
    tombstone = tombstone_of(person)
    with transaction.atomic():
        erased = User.objects.filter(pk=person.pk, status=UserStatus.ERASED)
        changed = erased.exclude(email=tombstone["email"]).update(**tombstone)
        if changed:
            emit(UserErased(user_id=person.public_id))
    return changed


def tombstone_of(person: Person) -> dict[str, Any]:
    """What is left of the row: an address that nobody can have (RFC 2606), and nobody's choices."""
    nothing: datetime | None = None
    return {
        "email": f"{person.public_id}@erased.invalid",
        "name": "",
        "phone": "",
        "password": make_password(None),
        "timezone": User._meta.get_field("timezone").default,
        "locale": User._meta.get_field("locale").default,
        "status_reason": "",
        "last_login": nothing,
        "email_verified_at": nothing,
        "password_changed_at": nothing,
        "updated_at": timezone.now(),
    }
