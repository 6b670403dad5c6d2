"""Which people and service clients there are, for searches."""

import re
from collections.abc import Collection
from typing import Any

from django.db.models import Q

from accounts.models import ServiceClient, User
from accounts.models.service_client import CLIENT_ID, ServiceScope
from authz.directories import Directory, Wanted
from authz.names import Naming
from config.ids import public_id


def people() -> Directory:
    """By public id, in the order of their registration."""
    return Directory(
        rows=User.objects.all,
        key=User.parse_id,
        name=lambda key: public_id(User.PREFIX, key),
        narrowings=[_person],
    )


def clients() -> Directory:
    """By client id."""
    return Directory(
        rows=ServiceClient.objects.all,
        key=lambda text: text if re.fullmatch(CLIENT_ID.strip("^$"), text) else None,
        name=str,
        column="client_id",
        narrowings=[_client],
    )


def names_of_people() -> Naming:
    """By name and address; found by either, or by a phone number."""
    return Naming(
        scope="users:read",
        view="admin:accounts_user_change",
        text=lambda person: f"{person.name}, {person.email}" if person.name else person.email,
        search=lambda text: User.objects.search(text).order_by("name", "pk"),
    )


def names_of_clients() -> Naming:
    """By name and client id; found by either."""
    return Naming(
        scope="console:access",
        view="admin:accounts_serviceclient_change",
        text=lambda client: f"{client.name} ({client.client_id})",
        search=lambda text: ServiceClient.objects.filter(
            Q(name__icontains=text) | Q(client_id__icontains=text)
        ).order_by("client_id"),
    )


def readers_of_events(client_ids: Collection[str]) -> frozenset[str]:
    """Those of `client_ids` that are enabled and have the scope to read events."""
    clients = ServiceClient.objects.enabled().filter(
        client_id__in=client_ids, scopes__contains=[ServiceScope.EVENTS_READ]
    )
    return frozenset(clients.values_list("client_id", flat=True))


def _person(wanted: Wanted) -> Q | None:
    match wanted:
        case Wanted(("status",), "eq", str(status)):
            return Q(status=status)
        case Wanted(("verified",), "eq", bool(verified)):
            return Q(email_verified_at__isnull=not verified)
    return None


def _client(wanted: Wanted) -> Q | None:
    match wanted:
        case Wanted(("enabled",), "eq", bool(enabled)):
            return Q(enabled=enabled)
        case Wanted(("scopes",), "contains", scope):
            return _having(scope)
    return None


def _having(scope: Any) -> Q:
    return Q(scopes__contains=[scope]) if isinstance(scope, str) else Q(pk__in=[])
