"""Which people and service clients there are, for searches."""

import re
from typing import Any

from django.db.models import Q

from accounts.models import ServiceClient, User
from accounts.models.service_client import CLIENT_ID
from authz.directories import Directory, Wanted
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
