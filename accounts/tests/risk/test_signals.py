"""Each signal by itself: facts go in, yes or no comes out."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from accounts.services.risk import signals
from accounts.services.risk.facts import Attempt, Machine, SignIn
from accounts.user_agents import Software
from config.geography import NOWHERE, Place

NOW = datetime(2026, 11, 25, 6, 30, tzinfo=UTC)  # noon in India
INDIA = ZoneInfo("Asia/Kolkata")
PUNE = Place(country="IN", city="Pune", latitude=18.52, longitude=73.86)
MUMBAI = Place(country="IN", city="Mumbai", latitude=19.08, longitude=72.88)
OSLO = Place(country="NO", city="Oslo", latitude=59.91, longitude=10.75)
CHROME, SAFARI = Software("Chrome", "Windows"), Software("Safari", "iOS")
PHONE, LAPTOP = Machine(software=SAFARI), Machine(software=CHROME)


def attempt(**facts: Any) -> Attempt:
    whole: dict[str, Any] = {"at": NOW, "zone": INDIA, **facts}
    return Attempt(**whole)


def earlier(hours: float = 24, **facts: Any) -> SignIn:
    return SignIn(at=NOW - timedelta(hours=hours), **facts)


def counts(signal: Any, now: Attempt, *past: SignIn, **rules: int) -> bool:
    return bool(signal(now, past, settings.ENVIRONMENT.model_copy(update=rules)))


def marked(fingerprint: str, software: Software = CHROME) -> Machine:
    return Machine(fingerprint=fingerprint, software=software)


@pytest.mark.parametrize(
    ("machine", "past", "is_new"),
    [
        (LAPTOP, [], False),
        (LAPTOP, [LAPTOP], False),
        (LAPTOP, [PHONE, LAPTOP, PHONE], False),
        (LAPTOP, [PHONE], True),
        (Machine(software=Software("Chrome", "Linux")), [LAPTOP], True),
        (marked("a"), [marked("a", SAFARI)], False),
        (marked("a"), [marked("b")], True),
        (marked("a"), [LAPTOP], True),
        (LAPTOP, [marked("a")], True),
    ],
)
def test_a_device_is_new_when_no_sign_in_came_from_it(
    machine: Machine, past: list[Machine], is_new: bool
) -> None:
    history = [earlier(machine=known) for known in past]
    assert counts(signals.new_device, attempt(machine=machine), *history) is is_new


@pytest.mark.parametrize(
    ("place", "past", "is_new"),
    [
        (OSLO, [], False),
        (OSLO, [NOWHERE], False),
        (NOWHERE, [PUNE], False),
        (OSLO, [PUNE], True),
        (OSLO, [PUNE, OSLO], False),
        (MUMBAI, [PUNE], False),
    ],
)
def test_a_country_is_new_when_others_are_known_and_it_is_none_of_them(
    place: Place, past: list[Place], is_new: bool
) -> None:
    history = [earlier(place=known) for known in past]
    assert counts(signals.new_country, attempt(place=place), *history) is is_new


@pytest.mark.parametrize(
    ("place", "last", "hours", "impossible"),
    [
        (OSLO, PUNE, 1, True),
        (OSLO, PUNE, 24, False),
        (MUMBAI, PUNE, 0, False),
        (NOWHERE, PUNE, 0, False),
        (OSLO, NOWHERE, 0, False),
        (OSLO, Place(country="IN"), 0, False),
        (OSLO, PUNE, -1, True),
    ],
)
def test_travel_is_impossible_when_it_is_far_and_soon(
    place: Place, last: Place, hours: float, impossible: bool
) -> None:
    history = [earlier(hours, place=last)]
    assert counts(signals.impossible_travel, attempt(place=place), *history) is impossible


def test_only_the_last_sign_in_is_where_somebody_was() -> None:
    history = [earlier(1, place=OSLO), earlier(2, place=PUNE)]
    assert not counts(signals.impossible_travel, attempt(place=OSLO), *history)
    assert not counts(signals.impossible_travel, attempt(place=OSLO))


def test_the_fastest_and_the_nearest_are_settings() -> None:
    pune_to_oslo_in_a_day = attempt(place=OSLO), earlier(24, place=PUNE)
    assert counts(signals.impossible_travel, *pune_to_oslo_in_a_day, risk_travel_speed=200)
    pune_to_mumbai_at_once = attempt(place=MUMBAI), earlier(0, place=PUNE)
    assert counts(signals.impossible_travel, *pune_to_mumbai_at_once, risk_travel_distance=50)


@pytest.mark.parametrize(
    ("one", "other", "distance"),
    [
        (PUNE, PUNE, 0),
        (PUNE, MUMBAI, 120),
        (Place(latitude=0.0, longitude=0.0), Place(latitude=0.0, longitude=180.0), 20_015),
        (Place(latitude=90.0, longitude=7.0), Place(latitude=-90.0, longitude=7.0), 20_015),
        (Place(latitude=0.0, longitude=179.5), Place(latitude=0.0, longitude=-179.5), 111),
        # https://en.wikipedia.org/wiki/Great-circle_distance: Nashville and Los Angeles
        (
            Place(latitude=36.12, longitude=-86.67),
            Place(latitude=33.94, longitude=-118.40),
            2886.4,
        ),
    ],
)
def test_distances_are_those_of_the_haversine_formula(
    one: Place, other: Place, distance: float
) -> None:
    assert signals.kilometres(one, other) == pytest.approx(distance, rel=0.01, abs=0.1)


places = st.builds(Place, latitude=st.floats(-90, 90), longitude=st.floats(-180, 180))


@given(places, places)
def test_a_distance_is_the_same_both_ways_and_never_more_than_half_around(
    one: Place, other: Place
) -> None:
    there, back = signals.kilometres(one, other), signals.kilometres(other, one)
    assert there == pytest.approx(back, abs=1e-6)
    assert there is not None
    assert 0 <= there <= 20_016


def test_a_hosting_network_counts() -> None:
    assert counts(signals.hosting_network, attempt(from_hosting_network=True))
    assert not counts(signals.hosting_network, attempt())


@pytest.mark.parametrize(("failures", "many"), [(0, False), (2, False), (3, True), (9, True)])
def test_failures_count_from_three_on(failures: int, many: bool) -> None:
    assert counts(signals.recent_failures, attempt(failures=failures)) is many


def at_hour(hour: int) -> list[SignIn]:
    """Twenty sign-ins on as many days, at this hour of India."""
    local = datetime(2026, 10, 1, hour, 15, tzinfo=INDIA)
    return [SignIn(at=(local + timedelta(days=day)).astimezone(UTC)) for day in range(20)]


@pytest.mark.parametrize(
    ("usual", "unusual"),
    [(12, False), (10, False), (14, False), (9, True), (15, True), (0, True), (23, True)],
)
def test_an_hour_is_unusual_far_from_those_that_the_person_uses(usual: int, unusual: bool) -> None:
    assert counts(signals.unusual_hour, attempt(), *at_hour(usual)) is unusual


def test_hours_are_a_circle() -> None:
    midnight = datetime(2026, 11, 25, 0, 30, tzinfo=INDIA)
    assert not counts(signals.unusual_hour, attempt(at=midnight), *at_hour(23))
    assert counts(signals.unusual_hour, attempt(at=midnight), *at_hour(21))


def test_hours_are_those_of_the_persons_own_clock() -> None:
    in_oslo = attempt(zone=ZoneInfo("Europe/Oslo"))
    assert not counts(signals.unusual_hour, in_oslo, *at_hour(12))
    across_the_change = [SignIn(at=datetime(2026, 7, 1, 5, 30, tzinfo=UTC))] * 20
    assert not counts(signals.unusual_hour, in_oslo, *across_the_change)


def test_hours_are_not_known_from_a_few_sign_ins() -> None:
    assert not counts(signals.unusual_hour, attempt(), *at_hour(0)[:19])
    assert counts(signals.unusual_hour, attempt(), *at_hour(0)[:5], risk_hours_learned_from=5)


def test_a_breached_password_counts() -> None:
    assert counts(signals.breached_password, attempt(password_is_breached=True))
    assert not counts(signals.breached_password, attempt())


def test_a_tor_exit_counts() -> None:
    assert counts(signals.tor_exit, attempt(from_tor_exit=True))
    assert not counts(signals.tor_exit, attempt())


def test_every_signal_has_a_weight_and_words_of_its_own() -> None:
    rules = settings.ENVIRONMENT
    assert all(signal.weight(rules) > 0 for signal in signals.SIGNALS)
    assert len({str(signal.words) for signal in signals.SIGNALS}) == len(signals.SIGNALS)
    weights = {name for name in type(rules).model_fields if name.startswith("risk_weight_")}
    assert {f"risk_weight_{signal.name}" for signal in signals.SIGNALS} == weights
