"""Gauges that are facts of the database."""

from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import OperationalError, connection, connections
from prometheus_client.metrics_core import Metric
from psycopg_pool import ConnectionPool

from config.telemetry import facts, metrics
from config.telemetry.facts import FactsCollector, FactSource
from config.telemetry.tests.conftest import LogLines

Register = Callable[[FactSource], None]


@pytest.fixture
def register(monkeypatch: pytest.MonkeyPatch) -> Register:
    """`register_facts` with no other sources in its way."""
    monkeypatch.setattr(facts, "_sources", [])
    return metrics.register_facts


def content_types() -> Iterator[Metric]:
    yield metrics.fact("kinds", "Kinds", ["app"], [(["all"], ContentType.objects.count())])


def told() -> dict[str, float]:
    return {
        f"{sample.name}{sorted(sample.labels.values())}": sample.value
        for family in FactsCollector().collect()
        for sample in family.samples
    }


@pytest.mark.django_db
def test_a_fact_is_read_when_somebody_asks(register: Register) -> None:
    register(content_types)
    before = told()["gatehouse_kinds['all']"]

    ContentType.objects.create(app_label="x", model="y")

    assert told()["gatehouse_kinds['all']"] == before + 1


@pytest.mark.django_db
def test_registering_twice_changes_nothing(register: Register) -> None:
    register(content_types)
    register(content_types)

    assert len(list(FactsCollector().collect())) == 1


@pytest.mark.django_db
def test_a_source_that_fails_hides_no_other(register: Register, log_lines: LogLines) -> None:
    def broken() -> Iterator[Metric]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM no_such_table")
        yield metrics.fact("never", "Never", [], [])

    def wrong() -> list[Metric]:
        raise KeyError("x")

    register(broken)
    register(wrong)
    register(content_types)

    assert list(told()) == ["gatehouse_kinds['all']"]
    failures = [line for line in log_lines() if line["event"] == "fact_not_read"]
    assert [line["source"].rpartition(".")[2] for line in failures] == ["broken", "wrong"]


@pytest.mark.django_db
def test_a_fact_that_two_sources_tell_is_told_once(register: Register, log_lines: LogLines) -> None:
    def again() -> Iterator[Metric]:
        yield metrics.fact("kinds", "Kinds", ["app"], [(["other"], 1)])

    register(content_types)
    register(again)

    assert list(told()) == ["gatehouse_kinds['all']"]
    assert log_lines()[-1]["event"] == "fact_told_twice"


@pytest.mark.django_db
def test_a_source_that_takes_too_long_is_stopped(
    register: Register, monkeypatch: pytest.MonkeyPatch, log_lines: LogLines
) -> None:
    def slow() -> Iterator[Metric]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(60)")
        yield metrics.fact("never", "Never", [], [])

    monkeypatch.setattr(facts, "LONGEST_QUERY", "20ms")
    register(slow)
    register(content_types)

    assert list(told()) == ["gatehouse_kinds['all']"]
    assert "statement timeout" in log_lines()[-1]["exception"]


@pytest.mark.django_db
def test_without_a_database_there_are_no_facts_and_no_failure(
    register: Register, monkeypatch: pytest.MonkeyPatch, log_lines: LogLines
) -> None:
    def refuse() -> None:
        raise OperationalError("connection refused")

    register(content_types)
    monkeypatch.setattr(connection, "ensure_connection", refuse)

    assert told() == {}
    assert log_lines()[-1]["event"] == "facts_not_read"


@pytest.mark.django_db(transaction=True)
def test_a_scrape_does_not_wait_for_a_database_as_long_as_requests_do(
    register: Register, monkeypatch: pytest.MonkeyPatch, log_lines: LogLines
) -> None:
    register(content_types)
    nowhere = ConnectionPool("host=127.0.0.1 port=1", min_size=1, open=False, timeout=600)
    connection.close()
    monkeypatch.setattr(type(connections["default"]), "pool", nowhere)

    with closing(nowhere):
        assert told() == {}

    assert [line["event"] for line in log_lines()].count("facts_not_read") == 1


@pytest.mark.django_db(transaction=True)
def test_a_source_whose_session_ends_hides_no_other(register: Register) -> None:
    def ended() -> Iterator[Metric]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        yield metrics.fact("never", "Never", [], [])

    register(ended)
    register(content_types)

    assert list(told()) == ["gatehouse_kinds['all']"]


def test_a_fact_keeps_to_the_rules_of_names() -> None:
    with pytest.raises(ValueError, match="closed vocabulary"):
        metrics.fact("kinds", "Kinds", ["user_id"], [])
