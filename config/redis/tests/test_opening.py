"""One server, Sentinels or a cluster: whatever REDIS_URL names carries everything that we keep in Redis."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
import redis as library
from django.core.cache import cache
from django.db import transaction

from authz.freshness import feed, stamps
from config import redis
from config.http.ratelimit import RateLimit, take, taken, taking
from config.redis.opening import open_client
from config.telemetry import probes
from config.telemetry.probes import HastySentinelsError
from events.services.publishing import STREAM
from events.services.relay_process import Relay
from events.services.stop import Stop
from events.tests.factories import OutboxEventFactory
from tests.valkeys import BehindSentinels, Cluster
from trading.brokers import circuit, pacing
from trading.brokers.base import CircuitOpenError, Pace


@pytest.fixture
def stop() -> Iterator[Stop]:
    with closing(Stop()) as wish:
        yield wish


TWO = RateLimit(name="two", limit=2, period=3600)


def test_values_are_kept_and_answers_come_together(several: Any) -> None:
    client: Any = redis.client()
    assert client.set(redis.key("a"), 1)
    names = [redis.key(letter) for letter in "abcdef"]  # in a cluster, at several homes
    found = redis.round_trip([("GET", name) for name in names] + [("INCR", names[0])])
    assert found == [b"1", None, None, None, None, None, 2]


def test_an_error_stands_in_the_place_of_its_answer(several: Any) -> None:
    redis.client().set(redis.key("a"), "no number")
    wrong, right = redis.round_trip([("INCR", redis.key("a")), ("INCR", redis.key("b"))])
    assert isinstance(wrong, library.ResponseError)
    assert right == 1
    with pytest.raises(library.ResponseError):
        redis.answers([("INCR", redis.key("b")), ("INCR", redis.key("a"))])


def test_rate_limits_are_shared(several: Any) -> None:
    assert [take(TWO, "somebody").allowed for _ in range(3)] == [True, True, False]
    (answer,) = redis.round_trip([taking(TWO, "somebody")])
    assert not taken(TWO, "somebody", answer).allowed


def test_turns_and_circuits_are_shared(several: Any, environment: Any) -> None:
    environment(circuit_failures=1)
    assert pacing.take_turn("kite", "a key", Pace(per_second=1, burst=1), longest_wait=0)[0]
    assert not pacing.take_turn("kite", "a key", Pace(per_second=1, burst=1), longest_wait=0)[0]
    circuit.failed("kite")
    with pytest.raises(CircuitOpenError):
        circuit.admit("kite")


def test_the_cache_holds_one_and_many(several: Any) -> None:
    cache.set("one", {"a": 1}, 60)
    cache.set_many({"two": 2, "three": [3]}, 60)
    assert cache.get_many(["one", "two", "three", "four"]) == {
        "one": {"a": 1},
        "two": 2,
        "three": [3],
    }
    assert cache.incr("two") == 3
    cache.delete_many(["one", "two"])
    assert cache.get("one") is None
    assert cache.get("three") == [3]
    cache.set_many({"three": 3}, 0)
    assert cache.get("three") is None


def test_an_emptied_cache_takes_nothing_else_along(several: Any) -> None:
    cache.set_many({"one": 1, "two": 2})
    redis.client().set(redis.key("kept"), 1)
    cache.clear()
    assert cache.get_many(["one", "two"]) == {}
    assert redis.client().get(redis.key("kept")) == b"1"


@pytest.mark.django_db(transaction=True)
def test_a_change_is_told_in_the_feed(several: Any) -> None:
    before = stamps.current({"user:usr_1"})
    assert stamps.current({"user:usr_1"}) == before
    assert redis.client().get(feed.LEASE)
    with transaction.atomic():
        stamps.touch({"user:usr_1"})
    assert stamps.current({"user:usr_1"}) != before


@pytest.mark.django_db(transaction=True)
def test_events_are_relayed_and_what_is_forgotten_comes_again(several: Any, stop: Stop) -> None:
    OutboxEventFactory.create_batch(3)
    client: Any = redis.client()
    ears = client.pubsub()
    ears.psubscribe("user_service.*")
    assert ears.get_message(timeout=60)["type"] == "psubscribe"
    assert Relay(client=client, batch_size=10, stop=stop).drain().sent == 3
    assert client.xlen(STREAM) == 3
    assert ears.get_message(timeout=60)["type"] == "pmessage"
    ears.close()
    client.delete(STREAM)
    again = Relay(client=client, batch_size=10, stop=stop)
    assert again.drain().sent == 3
    assert client.xlen(STREAM) == 3


def test_the_probe_says_what_it_found(group: BehindSentinels, environment: Any) -> None:
    with pytest.raises(HastySentinelsError, match=r"down-after-milliseconds \(1 s\)"):
        probes.redis_server()
    environment(stamp_lease=0.5)
    facts = probes.redis_server()
    assert (facts["mode"], facts["down_after"]) == ("sentinel", 1)


def test_the_probe_knows_a_cluster(shards: Cluster) -> None:
    facts = probes.redis_server()
    assert (facts["mode"], facts["state"]) == ("cluster", "ok")


@pytest.mark.django_db(transaction=True)
def test_after_a_failover_everything_goes_on_with_the_other(
    group: BehindSentinels, stop: Stop
) -> None:
    redis.client().set(redis.key("kept"), 1)
    OutboxEventFactory.create_batch(2)
    relay = Relay(client=redis.client(), batch_size=10, stop=stop)
    assert relay.drain().sent == 2
    former = group.in_charge()
    group.hand_over()
    with group.in_charge().client() as client:
        client.delete(STREAM)  # as if the replica had not been told in time
    assert redis.client().get(redis.key("kept")) == b"1"
    assert redis.round_trip([("INCR", redis.key("kept"))]) == [2]
    assert take(TWO, "somebody").allowed
    OutboxEventFactory()
    assert relay.drain().sent == 3
    with former.client() as client:
        told: Any = client.info("replication")
    assert told["role"] == "slave"


def test_a_key_that_moves_is_followed(shards: Cluster) -> None:
    name = redis.key("wanders")
    assert redis.round_trip([("INCR", name)]) == [1]
    shards.move(name)
    assert redis.round_trip([("INCR", name), ("GET", redis.key("stays"))]) == [2, None]
    shards.move(name)
    assert redis.client().incr(name) == 3


@pytest.mark.django_db(transaction=True)
def test_a_stream_that_moves_is_followed(shards: Cluster, stop: Stop) -> None:
    OutboxEventFactory()
    relay = Relay(client=redis.client(), batch_size=10, stop=stop)
    assert relay.drain().sent == 1
    shards.move(STREAM)
    OutboxEventFactory()
    sent = sum(relay.drain().sent for _ in range(3))
    assert sent == 1
    assert redis.client().xlen(STREAM) == 2


@pytest.mark.parametrize(
    "url",
    ["redis+cluster://127.0.0.1:1", "redis+sentinel://127.0.0.1:1,127.0.0.1:2/gatehouse"],
)
def test_what_is_away_raises_what_callers_expect(url: str) -> None:
    with pytest.raises(library.ConnectionError):
        open_client(url).get("a")


def test_a_cluster_that_is_away_from_the_start_is_a_redis_that_is_away(
    shards: Cluster, settings: Any
) -> None:
    settings.REDIS_URL = "redis+cluster://127.0.0.1:1"
    redis.client.cache_clear()
    with pytest.raises(library.ConnectionError):
        redis.round_trip([taking(TWO, "somebody")])
    assert take(TWO, "somebody").allowed  # by this process alone
    settings.REDIS_URL = shards.url
