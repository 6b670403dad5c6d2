"""Who the ids in rows of the trail are, and from where they came, for staff who may know."""

from django.utils.translation import gettext as _

from audit.models import AuthEvent
from audit.types import ActorType
from config.http.console_people import addresses_of

__all__ = ["actor_in_words", "addresses_of", "origin_of"]


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
