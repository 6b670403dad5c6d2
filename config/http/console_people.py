"""Who the ids in rows of the console are: an e-mail instead of `user:usr_…`, asked for once a page."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django.contrib.auth import get_user_model
from django.db.models import Model
from django.http import HttpRequest

from config.http.console import ConsoleAdmin
from config.ids import parse_public_id


def addresses_of(public_ids: Iterable[str]) -> dict[str, str]:
    """The e-mail of each person among `public_ids` that there is, in one query."""
    keys = {key: text for text in set(public_ids) if (key := parse_public_id("usr", text))}
    people: Any = get_user_model()._default_manager
    found = people.filter(pk__in=keys).values_list("pk", "email") if keys else ()
    return {keys[pk]: email for pk, email in found}


class NamesPeople(ConsoleAdmin):
    """A page whose rows name people by id, in the fields `named`: as subjects (`user:usr_…`) or bare."""

    named: ClassVar[tuple[str, ...]] = ()

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """The rows of the page, each knowing all the addresses."""
        shown = super().get_changelist_instance(request)
        rows = list(shown.result_list)
        known = addresses_of(self._id(row, name) for row in rows for name in self.named)
        for row in rows:
            row.known_addresses = known
        shown.result_list = rows
        return shown

    def called(self, row: Any, name: str) -> str:
        """The e-mail of the person whom the field `name` tells of, else what it has."""
        public_id = self._id(row, name)
        known = getattr(row, "known_addresses", None)
        addresses: dict[str, str] = addresses_of([public_id]) if known is None else known
        return addresses.get(public_id) or str(getattr(row, name) or "")

    @staticmethod
    def _id(row: Model, name: str) -> str:
        return str(getattr(row, name) or "").removeprefix("user:")
