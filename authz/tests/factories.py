"""Made-up people, roles and policies for tests of this floor, which must not know the ones above."""

from typing import Any

from django.utils import timezone
from factory.declarations import LazyFunction, Sequence
from factory.django import DjangoModelFactory

from authz.models import Policy, Role
from authz.services import policies


class PersonFactory(DjangoModelFactory):
    class Meta:
        model = "accounts.User"

    email = Sequence(lambda n: f"someone{n}@example.com")
    name = "Someone"
    status = "active"
    email_verified_at = LazyFunction(timezone.now)
    password = "!"


class RoleFactory(DjangoModelFactory):
    class Meta:
        model = Role

    name = Sequence(lambda n: f"role{n}")


def make_person(**changes: Any) -> Any:
    """An active person."""
    return PersonFactory(**changes)


def make_role(**changes: Any) -> Any:
    """A role without scopes."""
    return RoleFactory(**changes)


def write_policy(name: str = "for-the-test", **changes: Any) -> Policy:
    """Put a policy in force: it allows everybody everything, changed as asked."""
    document = {
        "name": name,
        "effect": "allow",
        "subjects": ["user:*"],
        "actions": ["*"],
        "resources": ["*"],
    }
    return policies.create(document=document | changes, by="system", reason="a test")
