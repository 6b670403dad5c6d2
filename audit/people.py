"""Who the ids in rows of the trail are, and from where they came, for staff who may know."""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth import get_user_model
from django.utils.translation import gettext as _

from audit.models import AuthEvent
from audit.types import ActorType
from config.ids import parse_public_id


def addresses_of(public_ids: Iterable[str]) -> dict[str, str]:
    """The e-mail of each person among `public_ids` that there is, in one query."""
    keys = {key: text for text in set(public_ids) if (key := parse_public_id("usr", text))}
    people: Any = get_user_model()._default_manager
    found = people.filter(pk__in=keys).values_list("pk", "email") if keys else ()
    return {keys[pk]: email for pk, email in found}


def origin_of(row: AuthEvent) -> str:
    """The address and the country of the request, as far as they are known."""
    return " ".join(filter(None, (row.ip or "", row.country)))


def actor_in_words(row: AuthEvent, addresses: dict[str, str]) -> str:
    """Who did it: an e-mail, a client, the platform, or nobody who is known."""
    if row.actor_type == ActorType.USER:
        return addresses.get(row.actor_id, row.actor_id)
    if row.actor_type == ActorType.SERVICE:
        return row.actor_id or row.client_id
    if row.actor_type == ActorType.SYSTEM:
        return _("Gatehouse itself")
    return _("nobody signed in")
