"""What this floor knows of a person, whose model is two floors up."""

from typing import Any, Protocol

from django.contrib.auth import get_user_model


class Person(Protocol):
    """A saved row of AUTH_USER_MODEL."""

    @property
    def pk(self) -> Any: ...
    @property
    def public_id(self) -> str: ...
    @property
    def email(self) -> str: ...
    @property
    def name(self) -> str: ...


def lock(person: Person) -> None:
    """Let nobody else change the person's factors until the transaction ends. Rows that refer to them still go in."""
    people = get_user_model()._default_manager.select_for_update(no_key=True)
    people.values_list("pk").get(pk=person.pk)
