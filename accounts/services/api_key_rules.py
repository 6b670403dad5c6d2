"""What a personal API key may be: its name, its scopes, its networks, its end."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_network

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.errors import InvalidApiKeyError
from accounts.models.api_key import MOST_NETWORKS, NAME_LENGTH, ApiKeyScope
from accounts.names import validate_name
from config.http.problems import FieldError


@dataclass(frozen=True, kw_only=True, slots=True)
class Terms:
    """Checked, without repetitions, networks in their canonical form."""

    name: str
    scopes: tuple[str, ...]
    networks: tuple[str, ...]
    expires_at: datetime


def checked(
    *,
    name: str,
    scopes: Collection[str],
    networks: Collection[str],
    expires_at: datetime | None,
) -> Terms:
    """The terms as they will be stored. Raises InvalidApiKeyError, naming every field that cannot be so."""
    now = timezone.now()
    until = expires_at or now + timedelta(seconds=settings.ENVIRONMENT.api_key_default_lifetime)
    errors = [
        *_name_faults(name.strip()),
        *_scope_faults(scopes),
        *_network_faults(networks),
        *_end_faults(until, now),
    ]
    if errors:
        raise InvalidApiKeyError(errors=errors)
    return Terms(
        name=name.strip(),
        scopes=tuple(sorted(set(scopes))),
        networks=tuple(sorted({str(ip_network(network)) for network in networks})),
        expires_at=until,
    )


def _name_faults(name: str) -> Iterator[FieldError]:
    if not 1 <= len(name) <= NAME_LENGTH:
        yield FieldError("name", "length", _("1 to %(most)d characters.") % {"most": NAME_LENGTH})
    try:
        validate_name(name)
    except ValidationError as error:
        yield FieldError("name", error.code or "invalid", error.messages[0])


def _scope_faults(scopes: Collection[str]) -> Iterator[FieldError]:
    if not scopes:
        yield FieldError("scopes", "required", _("At least one scope."))
    for scope in sorted(set(scopes) - set(ApiKeyScope.values)):
        yield FieldError(
            "scopes", "unknown", _("No key may have the scope %(scope)s.") % {"scope": scope}
        )


def _network_faults(networks: Collection[str]) -> Iterator[FieldError]:
    if len(networks) > MOST_NETWORKS:
        yield FieldError(
            "allowed_networks", "too_many", _("At most %(most)d.") % {"most": MOST_NETWORKS}
        )
    for network in networks:
        try:
            ip_network(network)
        except ValueError:
            yield FieldError(
                "allowed_networks", "invalid", _("A network in CIDR form, such as 203.0.113.0/24.")
            )


def _end_faults(until: datetime, now: datetime) -> Iterator[FieldError]:
    longest = timedelta(seconds=settings.ENVIRONMENT.api_key_max_lifetime)
    if until <= now:
        yield FieldError("expires_at", "past", _("Must lie in the future."))
    if until > now + longest:
        yield FieldError(
            "expires_at", "too_late", _("At most %(days)d days from now.") % {"days": longest.days}
        )
