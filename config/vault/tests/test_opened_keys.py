"""The memory of opened keys: bounded, short, and shared by threads."""

import os
import threading
import warnings
from collections.abc import Callable
from uuid import UUID, uuid4

from config.vault.opened_keys import OpenedKeys

KEY = b"k" * 32


class Clock:
    """A time that moves when it is told to."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_key_is_remembered_until_its_lifetime_has_passed(
    environment: Callable[..., None],
) -> None:
    environment(data_key_cache_lifetime=300)
    clock, key_id = Clock(), uuid4()
    keys = OpenedKeys(clock)
    keys.put(key_id, KEY)
    clock.now += 299
    assert keys.get(key_id) == KEY
    clock.now += 1
    assert keys.get(key_id) is None
    assert len(keys) == 0


def test_reading_a_key_does_not_lengthen_its_life(environment: Callable[..., None]) -> None:
    environment(data_key_cache_lifetime=300)
    clock, key_id = Clock(), uuid4()
    keys = OpenedKeys(clock)
    keys.put(key_id, KEY)
    for _ in range(3):
        clock.now += 99
        assert keys.get(key_id) == KEY
    clock.now += 3
    assert keys.get(key_id) is None


def test_keys_expire_one_by_one(environment: Callable[..., None]) -> None:
    environment(data_key_cache_lifetime=300)
    clock, old, young = Clock(), uuid4(), uuid4()
    keys = OpenedKeys(clock)
    keys.put(old, KEY)
    clock.now += 100
    keys.put(young, KEY)
    clock.now += 200
    assert keys.get(young) == KEY
    assert keys.get(old) is None


def test_an_idle_process_forgets_too(environment: Callable[..., None]) -> None:
    environment(data_key_cache_lifetime=0.01)
    forgotten = threading.Event()

    class Watched(OpenedKeys):
        def _sweep(self) -> None:
            super()._sweep()
            if not self._keys:
                forgotten.set()

    Watched().put(uuid4(), KEY)
    assert forgotten.wait(30)


def test_the_oldest_key_gives_way_when_there_are_too_many(environment: Callable[..., None]) -> None:
    environment(data_key_cache_size=2)
    keys, ids = OpenedKeys(), [uuid4() for _ in range(3)]
    for key_id in ids:
        keys.put(key_id, KEY)
    assert [keys.get(key_id) for key_id in ids] == [None, KEY, KEY]


def test_a_lifetime_of_zero_remembers_nothing(environment: Callable[..., None]) -> None:
    environment(data_key_cache_lifetime=0)
    keys, key_id = OpenedKeys(), uuid4()
    keys.put(key_id, KEY)
    assert keys.get(key_id) is None


def test_a_dropped_key_is_gone_and_the_others_stay() -> None:
    keys, one, other = OpenedKeys(), uuid4(), uuid4()
    keys.put(one, KEY)
    keys.put(other, KEY)
    keys.drop(one)
    keys.drop(one)
    assert keys.get(one) is None
    assert keys.get(other) == KEY


def test_many_threads_share_it_and_it_stays_within_its_bounds(
    environment: Callable[..., None],
) -> None:
    environment(data_key_cache_size=10)
    keys = OpenedKeys()
    wrong: list[UUID] = []

    def work() -> None:
        for _ in range(200):
            key_id = uuid4()
            keys.put(key_id, key_id.bytes * 2)
            if keys.get(key_id) not in {None, key_id.bytes * 2}:
                wrong.append(key_id)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert wrong == []
    assert len(keys) == 10


def test_a_forked_child_starts_with_nothing_remembered() -> None:
    keys = OpenedKeys()
    keys.put(uuid4(), KEY)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # 3.12 and later: other threads run
        child = os.fork()
    if child == 0:
        os._exit(len(keys))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert len(keys) == 1


def test_its_repr_shows_no_key() -> None:
    keys = OpenedKeys()
    keys.put(uuid4(), KEY)
    assert repr(keys) == "<1 opened data keys>"
