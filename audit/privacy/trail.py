"""The person's part of the trail."""

from audit.privacy.registry import Person
from audit.services.forgetting import forget_person


def erase(person: Person) -> int:
    """Blank what tells who it was, in every row about the person or by them; returns how many. The chains of the trail
    stay whole. Part of the transaction that writes the row of the erasure.
    """
    return forget_person(user_id=person.public_id)
