"""Compiling the policies in force: once a process for each change, however many threads ask."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from authz.services import decisions, policy_sets
from authz.tests.conftest import Metric
from authz.tests.factories import write_policy

pytestmark = pytest.mark.django_db(transaction=True)


def ask() -> bool:
    return decisions.check(subject="user:usr_1", action="read", resource="planet:x").allowed


def test_a_change_is_compiled_once_for_all_threads(counted: Metric) -> None:
    ask()
    write_policy()
    before = counted("gatehouse_policy_set_loads_total", reason="changed")
    gate = threading.Barrier(6)

    def run(_: int) -> bool:
        gate.wait(20)
        try:
            return ask()
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(run, range(6))) == [True] * 6
    assert counted("gatehouse_policy_set_loads_total", reason="changed") == before + 1


def test_the_first_load_of_a_process_is_told_apart(
    counted: Metric, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policy_sets, "_held", None)
    before = counted("gatehouse_policy_set_loads_total", reason="start")
    ask()
    ask()
    assert counted("gatehouse_policy_set_loads_total", reason="start") == before + 1


def test_the_size_of_the_set_is_a_fact_of_the_database() -> None:
    from authz.metrics import policy_facts

    write_policy("one")
    write_policy("two", enabled=False)
    (family,) = policy_facts()
    samples: list[Any] = family.samples
    assert [(sample.name, sample.value) for sample in samples] == [("gatehouse_policy_set_size", 1)]
