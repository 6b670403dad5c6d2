"""Made-up people for tests."""

from typing import Any

from django.utils import timezone
from factory.declarations import LazyFunction, Sequence
from factory.django import DjangoModelFactory
from factory.faker import Faker

from accounts.models import User
from accounts.models.user import UserStatus
from config.telemetry import planted_secrets

PASSWORD = "correct horse battery staple"
planted_secrets.add(PASSWORD)  # no log line of the whole run may hold it


class UserFactory(DjangoModelFactory):
    """An active person with a verified address; sign in with `PASSWORD` when made with `password=PASSWORD`."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    email = Sequence(lambda n: f"person{n}@example.com")
    name = Faker("name")
    status = UserStatus.ACTIVE
    email_verified_at = LazyFunction(timezone.now)

    @classmethod
    def _create(cls, model_class: type[User], *args: Any, **kwargs: Any) -> User:
        password = kwargs.pop("password", None)
        user = model_class(**kwargs)
        user.set_password(password)
        user.save()
        return user
