"""Probes: asked together, none waited for beyond the deadline."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from config.telemetry.health import Finding, Health, NotSetUpError


@pytest.fixture
def health(environment: Any) -> Health:
    environment(health_probe_timeout=30.0, health_cache_lifetime=0.0)
    return Health()


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """A check that waits for it hangs until the test is over."""
    opened = threading.Event()
    yield opened
    opened.set()


def findings(health: Health) -> dict[str, Finding]:
    return {finding.name: finding for finding in health.report().findings}


def fail() -> None:
    raise RuntimeError("password=hunter2 at postgresql://u:pw@db.internal/x")


def test_nothing_registered_is_nothing_wrong(health: Health) -> None:
    assert health.report().overall == "ok"


def test_a_probe_that_passes_tells_its_facts(health: Health) -> None:
    health.register("one", lambda: {"version": "1"})
    health.register("two", lambda: None)

    assert health.report().overall == "ok"
    assert findings(health)["one"].facts == {"version": "1"}
    assert findings(health)["two"].facts == {}


def test_a_critical_failure_makes_us_unavailable(health: Health) -> None:
    health.register("one", fail)
    health.register("two", lambda: None, critical=False)

    assert health.report().overall == "unavailable"
    assert findings(health)["one"].state == "failed"
    assert findings(health)["two"].state == "ok"


def test_any_other_failure_only_degrades_us(health: Health) -> None:
    health.register("one", lambda: None)
    health.register("two", fail, critical=False)

    assert health.report().overall == "degraded"


def test_what_nobody_set_up_is_off_and_nothing_is_wrong(health: Health) -> None:
    def off() -> None:
        raise NotSetUpError("PATH is not set")

    health.register("one", off)

    assert health.report().overall == "ok"
    assert (findings(health)["one"].state, findings(health)["one"].error) == (
        "off",
        "PATH is not set",
    )


def test_an_error_is_told_without_secrets(health: Health) -> None:
    health.register("one", fail)

    error = findings(health)["one"].error
    assert error == "RuntimeError: password=[redacted] at postgresql://u:[redacted]@db.internal/x"


def test_probes_run_side_by_side(health: Health) -> None:
    meeting = threading.Barrier(2, timeout=25)

    def meet() -> None:
        meeting.wait()

    health.register("one", meet)
    health.register("two", meet)

    assert health.report().overall == "ok"


def test_a_probe_that_hangs_is_not_waited_for(
    health: Health, gate: threading.Event, environment: Any
) -> None:
    environment(health_probe_timeout=0.05, health_cache_lifetime=0.0)

    def hang() -> None:
        gate.wait()

    health.register("hangs", hang, critical=False)
    health.register("works", lambda: None)

    assert findings(health)["hangs"].error == "no answer in time"
    assert findings(health)["works"].state == "ok"


def test_a_probe_that_hangs_is_not_started_again_beside_itself(
    health: Health, gate: threading.Event, environment: Any
) -> None:
    environment(health_probe_timeout=0.05, health_cache_lifetime=0.0)
    started: list[int] = []

    def hang() -> None:
        started.append(1)
        gate.wait()

    health.register("hangs", hang)
    for _ in range(3):
        assert health.report().overall == "unavailable"
    assert len(started) == 1

    gate.set()
    environment(health_probe_timeout=30.0, health_cache_lifetime=0.0)
    assert health.report().overall == "ok"


def test_an_answer_is_repeated_for_a_while(health: Health, environment: Any) -> None:
    environment(health_probe_timeout=30.0, health_cache_lifetime=60.0)
    asked: list[int] = []
    health.register("one", lambda: asked.append(1))

    reports = {id(health.report()) for _ in range(5)}

    assert len(reports) == len(asked) == 1


def test_a_probe_registered_later_is_asked_at_once(health: Health, environment: Any) -> None:
    environment(health_probe_timeout=30.0, health_cache_lifetime=60.0)
    assert health.report().overall == "ok"

    health.register("one", fail)

    assert health.report().overall == "unavailable"


def test_the_last_check_registered_under_a_name_counts(health: Health) -> None:
    health.register("one", fail)
    health.register("one", lambda: None)

    assert health.report().overall == "ok"
    assert len(health.report().findings) == 1


def test_a_check_that_exits_its_thread_has_failed(health: Health) -> None:
    def leave() -> None:
        raise SystemExit

    health.register("one", leave)

    assert health.report().overall == "unavailable"
