"""What may make a sign-in suspicious: each signal a function of facts alone, with its weight and its words."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.services.risk.facts import Attempt, Machine, SignIn
from config.geography import Place
from config.settings.environment import Environment

EARTH_RADIUS = 6371.0  # km, its mean
Past = Sequence[SignIn]
Rule = Callable[[Attempt, Past, Environment], bool]


@dataclass(frozen=True, kw_only=True)
class Signal:
    """`name` is what the trail and the metrics call it; `words` is what people read."""

    name: str
    words: Any
    counts: Rule

    def weight(self, rules: Environment) -> int:
        """What it adds to the score: the setting `risk_weight_<name>`."""
        return int(getattr(rules, f"risk_weight_{self.name}"))


def new_device(attempt: Attempt, past: Past, rules: Environment) -> bool:
    """No sign-in of the past came from this machine. The very first one is no news."""
    return bool(past) and not any(_is_same(attempt.machine, earlier.machine) for earlier in past)


def _is_same(one: Machine, other: Machine) -> bool:
    """Fingerprints decide where both have one. Where neither has, browser and system do."""
    if one.fingerprint or other.fingerprint:
        return one.fingerprint == other.fingerprint
    return one.software == other.software


def new_country(attempt: Attempt, past: Past, rules: Environment) -> bool:
    """The country is known, others of this person are, and it is none of them."""
    seen = {earlier.place.country for earlier in past} - {""}
    return bool(seen) and attempt.place.country not in seen | {""}


def impossible_travel(attempt: Attempt, past: Past, rules: Environment) -> bool:
    """From the place of the last sign-in to this one is farther than anybody travels in the time between."""
    if not past:
        return False
    distance = kilometres(past[0].place, attempt.place)
    if distance is None or distance <= rules.risk_travel_distance:
        return False
    hours = max((attempt.at - past[0].at).total_seconds(), 0) / 3600
    return distance > hours * rules.risk_travel_speed


def kilometres(one: Place, other: Place) -> float | None:
    """The great-circle distance by the haversine formula; None where a place has no coordinates."""
    places = (one, other)
    if any(place.latitude is None or place.longitude is None for place in places):
        return None
    (lat1, lon1), (lat2, lon2) = (
        (radians(place.latitude or 0), radians(place.longitude or 0)) for place in places
    )
    haversine = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
    return 2 * EARTH_RADIUS * asin(sqrt(min(1.0, haversine)))


def hosting_network(attempt: Attempt, past: Past, rules: Environment) -> bool:
    """It comes from a network of servers."""
    return attempt.from_hosting_network


def recent_failures(attempt: Attempt, past: Past, rules: Environment) -> bool:
    """The right password came after several wrong ones."""
    return attempt.failures >= rules.risk_failures


def unusual_hour(attempt: Attempt, past: Past, rules: Environment) -> bool:
    """Far, around the clock of the person's own time zone, from every hour at which they signed in before."""
    if len(past) < rules.risk_hours_learned_from:
        return False
    now = attempt.at.astimezone(attempt.zone).hour
    used = {earlier.at.astimezone(attempt.zone).hour for earlier in past}
    return all(min((now - hour) % 24, (hour - now) % 24) >= rules.risk_hours_apart for hour in used)


def breached_password(attempt: Attempt, past: Past, rules: Environment) -> bool:
    """The password is on the list of those that breaches made known."""
    return attempt.password_is_breached


def tor_exit(attempt: Attempt, past: Past, rules: Environment) -> bool:
    """It comes out of the Tor network."""
    return attempt.from_tor_exit


SIGNALS: tuple[Signal, ...] = (
    Signal(
        name="new_device",
        counts=new_device,
        words=_("It is a device that you have not used before."),
    ),
    Signal(
        name="new_country",
        counts=new_country,
        words=_("It is a country that you have not signed in from before."),
    ),
    Signal(
        name="impossible_travel",
        counts=impossible_travel,
        words=_("It is farther from your last sign-in than anybody travels in that time."),
    ),
    Signal(
        name="hosting_network",
        counts=hosting_network,
        words=_("It comes from a data centre, where people seldom are."),
    ),
    Signal(
        name="recent_failures",
        counts=recent_failures,
        words=_("Wrong passwords were tried just before."),
    ),
    Signal(
        name="unusual_hour",
        counts=unusual_hour,
        words=_("You do not usually sign in at this hour."),
    ),
    Signal(
        name="breached_password",
        counts=breached_password,
        words=_("Your password is known from breaches of other services."),
    ),
    Signal(
        name="tor_exit",
        counts=tor_exit,
        words=_("It comes through the Tor network, which hides where somebody is."),
    ),
)
WORDS = {signal.name: signal.words for signal in SIGNALS}
