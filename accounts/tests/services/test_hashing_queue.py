"""How many passwords are hashed at once, and what becomes of the others."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from django.db import connections
from django_prometheus.db.backends.postgresql.base import DatabaseWrapper
from rest_framework.test import APIClient

from accounts.errors import TooManySignInsError
from accounts.metrics import PASSWORD_HASH_WAITING
from accounts.services import hashing_queue as module
from accounts.services import sign_in_throttle
from accounts.services.hashing_queue import HashingQueue, hashing_queue, release_connection
from accounts.tests.conftest import post
from accounts.tests.factories import PASSWORD, UserFactory
from audit.models import AuthEvent


@pytest.fixture(autouse=True)
def _a_queue_of_its_own() -> Iterator[None]:
    hashing_queue.cache_clear()
    yield
    hashing_queue.cache_clear()


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def waiting(queue: HashingQueue) -> int:
    return len(queue._waiting)


def test_no_more_than_its_places_at_once_and_everybody_in_the_end() -> None:
    queue = HashingQueue(places=3, longest=50, patience=30)
    lock, now, most = threading.Lock(), 0, 0

    def work() -> None:
        nonlocal now, most
        with queue.place():
            with lock:
                now += 1
                most = max(most, now)
            time.sleep(0.005)
            with lock:
                now -= 1

    with ThreadPoolExecutor(30) as pool:
        for done in [pool.submit(work) for _ in range(50)]:
            done.result()
    assert most == 3
    assert waiting(queue) == 0


def test_whoever_came_first_goes_first() -> None:
    queue = HashingQueue(places=1, longest=10, patience=30)
    order: list[int] = []
    with ThreadPoolExecutor(5) as pool, queue.place():
        for number in range(5):
            pool.submit(_noting, queue, order, number)
            until(partial(_queued, queue, number + 1))
    assert order == [0, 1, 2, 3, 4]


def _queued(queue: HashingQueue, number: int) -> bool:
    return waiting(queue) == number


def _noting(queue: HashingQueue, order: list[int], number: int) -> None:
    with queue.place():
        order.append(number)


def test_a_full_queue_refuses_at_once() -> None:
    queue = HashingQueue(places=1, longest=1, patience=30)
    with ThreadPoolExecutor(1) as pool, queue.place():
        pool.submit(lambda: _noting(queue, [], 0))
        until(lambda: waiting(queue) == 1)
        assert PASSWORD_HASH_WAITING._value.get() >= 1
        with pytest.raises(TooManySignInsError) as refused, queue.place():
            pass
    assert refused.value.headers == {"Retry-After": "30"}


def test_patience_ends_and_leaves_nobody_in_the_queue() -> None:
    queue = HashingQueue(places=1, longest=5, patience=0.05)
    with queue.place(), ThreadPoolExecutor(1) as pool:
        with pytest.raises(TooManySignInsError):
            pool.submit(lambda: _noting(queue, [], 0)).result()
        assert waiting(queue) == 0
    with queue.place():  # the place came back
        pass


def test_an_error_gives_the_place_back() -> None:
    queue = HashingQueue(places=1, longest=1, patience=0.05)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), queue.place():
            raise ZeroDivisionError


@pytest.mark.django_db
@pytest.mark.usefixtures("ready")
def test_a_sign_in_that_finds_the_queue_full_is_told_when_to_come_again(
    environment: Callable[..., None],
) -> None:
    user = UserFactory.create(password=PASSWORD)
    environment(hashing_concurrency=1, hashing_queue_length=1, hashing_patience=0.05)
    body = {"email": user.email, "password": PASSWORD}
    with hashing_queue().place():
        answer = post(APIClient(), "/v1/auth/login", body)
    assert (answer.status_code, answer["Retry-After"]) == (503, "1")
    assert answer.json()["type"].endswith("/errors/too-many-sign-ins")
    assert post(APIClient(), "/v1/auth/login", body).status_code == 200


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("ready")
def test_who_waited_while_others_guessed_wrong_is_held_up_by_that(
    environment: Callable[..., None],
) -> None:
    user = UserFactory.create(password=PASSWORD)
    environment(hashing_concurrency=1)
    with ThreadPoolExecutor(1) as pool, hashing_queue().place():
        answer = pool.submit(_signing_in, user.email)
        until(partial(_queued, hashing_queue(), 1))
        for _ in range(5):
            sign_in_throttle.record_failure(user.email)
    assert answer.result().status_code == 401
    assert AuthEvent.objects.filter(event_type="auth.login.delayed").count() == 1


def _signing_in(email: str) -> Any:
    try:
        return post(APIClient(), "/v1/auth/login", {"email": email, "password": PASSWORD})
    finally:
        connections.close_all()


class Pooled(threading.local):
    """A connection for each thread, out of one small pool, to the database of the test."""

    def __init__(self) -> None:
        entry = {**connections["default"].settings_dict, "CONN_MAX_AGE": 0}
        pool = {"min_size": 1, "max_size": 2, "timeout": 1}
        entry["OPTIONS"] = {**entry["OPTIONS"], "pool": pool}
        self.connection = DatabaseWrapper(entry, alias="default")

    def __getattr__(self, name: str) -> Any:
        return getattr(self.connection, name)

    def select_one(self) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            assert cursor.fetchone() == (1,)


@pytest.fixture
def pooled(monkeypatch: pytest.MonkeyPatch) -> Iterator[Pooled]:
    """What the queue takes for the connection."""
    pooled = Pooled()
    monkeypatch.setattr(module, "connection", pooled)
    yield pooled
    pooled.connection.close()
    pooled.connection.close_pool()


@pytest.mark.django_db(transaction=True)
def test_who_waits_holds_no_connection(pooled: Pooled) -> None:
    """Twelve wait and one hashes, on a pool of two: somebody else's query finds a connection."""
    queue, hold = HashingQueue(places=1, longest=20, patience=30), threading.Event()

    def sign_in() -> None:
        try:
            pooled.select_one()
            with queue.place():
                hold.wait(30)
            pooled.select_one()
        finally:
            pooled.connection.close()

    with ThreadPoolExecutor(13) as pool:
        running = [pool.submit(sign_in) for _ in range(13)]
        try:
            until(lambda: waiting(queue) == 12)
            pooled.select_one()  # raises PoolTimeout if they kept theirs
            pooled.connection.close()
        finally:
            hold.set()
        for done in running:
            done.result()


@pytest.mark.django_db(transaction=True)
def test_inside_a_transaction_the_connection_stays(pooled: Pooled) -> None:
    pooled.connection.ensure_connection()
    pooled.connection.in_atomic_block = True
    release_connection()
    pooled.connection.in_atomic_block = False
    assert pooled.connection.connection is not None
    release_connection()
    assert pooled.connection.connection is None
