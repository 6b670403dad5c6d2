"""Finding the person that a command names."""

from django.core.management.base import CommandError

from accounts.models import User


def find_person(named: str) -> User:
    """By id or by e-mail address. Raises CommandError."""
    by_id = User.objects.with_public_id(named).first()
    person = by_id or (User.objects.with_email(named).first() if "@" in named else None)
    if person is None:
        raise CommandError("There is nobody with this id or address.")
    return person
