"""Which clients may read events: what the floor of service clients knows, and registers here."""

from collections.abc import Callable, Collection

from events.models.webhook import PLATFORM

Entitled = Callable[[Collection[str]], Collection[str]]


class _Registered:
    entitled: Entitled | None = None


_registered = _Registered()


def register(entitled: Entitled) -> None:
    """Let `entitled(client_ids)` say which of these may read events just now."""
    _registered.entitled = entitled


def entitled(owners: Collection[str]) -> frozenset[str]:
    """Those of `owners` that webhooks may be delivered for: the platform itself, and clients that still may read
    events. While nobody can say, no client may.
    """
    clients = {owner for owner in owners if owner != PLATFORM}
    allowed = _registered.entitled(clients) if clients and _registered.entitled else ()
    return frozenset(owners) & frozenset({PLATFORM, *allowed})
