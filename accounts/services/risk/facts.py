"""What a sign-in is judged by: the attempt itself, and the person's sign-ins of the past."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

from accounts.models import Session, User
from accounts.services.risk import lists
from accounts.user_agents import UNKNOWN, Software, describe
from config import geography
from config.compiled_queries import CompiledQuery, parameter
from config.geography import NOWHERE, Place
from config.http import context


@dataclass(frozen=True, kw_only=True, slots=True)
class Machine:
    """How a device is told from another: by what the client calls its fingerprint, else by browser and system."""

    fingerprint: str = ""
    software: Software = UNKNOWN


@dataclass(frozen=True, kw_only=True, slots=True)
class SignIn:
    """A sign-in of the past. `place` has coordinates for the last one alone; the others need none."""

    at: datetime
    machine: Machine = Machine()
    place: Place = NOWHERE


@dataclass(frozen=True, kw_only=True, slots=True)
class Attempt:
    """The sign-in in hand, whose first factor was right. `zone` is the person's."""

    at: datetime
    zone: ZoneInfo
    machine: Machine = Machine()
    place: Place = NOWHERE
    failures: int = 0
    password_is_breached: bool = False
    from_hosting_network: bool = False
    from_tor_exit: bool = False


def attempt_of(user: User, *, fingerprint: str, failures: int, breached: bool) -> Attempt:
    """The request in hand as an attempt of `user`."""
    request = context.current()
    place = geography.place_in(request)
    return Attempt(
        at=timezone.now(),
        zone=ZoneInfo(user.timezone),
        machine=Machine(fingerprint=fingerprint, software=describe(request.user_agent)),
        place=place,
        failures=failures,
        password_is_breached=breached,
        from_hosting_network=lists.is_hosting_network(place.asn),
        from_tor_exit=lists.is_tor_exit(request.ip),
    )


def past_of(user: User) -> tuple[SignIn, ...]:
    """The person's last sign-ins, newest first, in one query; those they disowned taught us nothing."""
    told = _last_sign_ins(settings.ENVIRONMENT.risk_history).rows(user_id=user.pk)
    return tuple(
        SignIn(
            at=at,
            machine=Machine(fingerprint=fingerprint, software=describe(user_agent)),
            place=_place(country, ip, newest=number == 0),
        )
        for number, (at, fingerprint, user_agent, country, ip) in enumerate(told)
    )


@lru_cache(maxsize=1)
def _last_sign_ins(count: int) -> CompiledQuery[tuple[datetime, str, str, str, str | None]]:
    rows = Session.objects.for_user(parameter("user_id")).recognised().order_by("-id")
    told = rows.values_list("created_at", "device_fingerprint", "user_agent", "country", "ip")
    return CompiledQuery(lambda: told[:count])


def _place(country: str, ip: str | None, *, newest: bool) -> Place:
    """Coordinates are looked up again, and only for the sign-in that they matter for: nobody's are kept."""
    place = geography.place_of(ip) if newest else NOWHERE
    return place if country and country == place.country else Place(country=country)
