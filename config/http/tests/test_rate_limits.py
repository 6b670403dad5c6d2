"""Token buckets, shared through Redis, and never open when Redis is away."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from rest_framework.test import APIClient

from config import redis as redis_connection
from config.http import ratelimit
from config.http.ratelimit import LocalBuckets, RateLimit, take
from config.ids import new_uuid
from config.redis import sending as round_trip

Api = Callable[..., APIClient]


@pytest.fixture
def without_redis(settings: Any) -> Any:
    """Redis at an address where nobody listens."""
    settings.REDIS_URL = "redis://127.0.0.1:1"
    caches = (redis_connection.client, ratelimit._script)
    for cache in caches:
        cache.cache_clear()
    yield
    for cache in caches:
        cache.cache_clear()


@pytest.mark.django_db
def test_the_third_request_of_two_allowed_is_refused_and_told_when_to_come_back(api: Api) -> None:
    client = api()
    first = client.get("/v1/limited")
    assert first.status_code == 200
    assert first["X-RateLimit-Limit"] == "2"
    assert first["X-RateLimit-Remaining"] == "1"
    assert '"test_limited";q=2;w=3600' in first["RateLimit-Policy"]
    assert '"test_limited";r=1;' in first["RateLimit"]
    client.get("/v1/limited")
    refused = client.get("/v1/limited")
    assert refused.status_code == 429
    assert refused.json()["type"].endswith("/errors/rate-limited")
    assert 0 < int(refused["Retry-After"]) <= 1800
    assert refused["X-RateLimit-Remaining"] == "0"


@pytest.mark.django_db
def test_another_address_has_its_own_bucket(api: Api) -> None:
    client = api()
    for _ in range(3):
        client.get("/v1/limited", REMOTE_ADDR="192.0.2.1")
    assert client.get("/v1/limited", REMOTE_ADDR="192.0.2.2").status_code == 200


@pytest.mark.django_db
def test_no_bucket_is_named_after_an_address(api: Api) -> None:
    api().get("/v1/limited", REMOTE_ADDR="192.0.2.77")
    keys = list(redis_connection.client().scan_iter("*ratelimit:test_limited*"))
    assert keys
    assert not [key for key in keys if b"192.0.2" in key]


@pytest.mark.django_db
def test_a_forwarded_address_of_a_stranger_opens_no_new_bucket(api: Api) -> None:
    client = api()
    answers = [
        client.get("/v1/limited", headers={"X-Forwarded-For": f"198.51.100.{n}"}).status_code
        for n in range(3)
    ]
    assert answers == [200, 200, 429]


def test_racing_requests_never_get_more_tokens_than_there_are() -> None:
    policy = RateLimit(name="race", limit=10, period=86_400)
    key = str(new_uuid())
    with ThreadPoolExecutor(16) as pool:
        usages = list(pool.map(lambda _: take(policy, key), range(64)))
    assert sum(usage.allowed for usage in usages) == 10


@pytest.mark.django_db
def test_without_redis_a_bucket_of_the_process_decides(api: Api, without_redis: None) -> None:
    client = api()
    answers = [client.get("/v1/limited", REMOTE_ADDR="192.0.2.77") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]


@pytest.mark.django_db
def test_all_limits_of_a_request_are_asked_in_one_round_trip(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = api()
    client.get("/v1/limited", REMOTE_ADDR="192.0.2.78")  # the script is on the server from now on
    trips: list[int] = []
    exchange = round_trip._exchange

    def counted(shares: Any) -> Any:
        trips.extend(len(commands) for _, commands in shares)
        return exchange(shares)

    monkeypatch.setattr(round_trip, "_exchange", counted)
    answer = client.get("/v1/limited", REMOTE_ADDR="192.0.2.78")
    assert trips == [2]
    assert '"test_limited";r=0;' in answer["RateLimit"]
    assert '"api";r=' in answer["RateLimit"]


@pytest.mark.django_db
def test_a_server_that_has_forgotten_the_script_is_told_it_again(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ratelimit._script(), "sha", "0" * 40)
    client = api()
    answers = [client.get("/v1/limited", REMOTE_ADDR="192.0.2.79") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]


def test_a_bucket_refills_evenly() -> None:
    now = 0.0
    buckets = LocalBuckets(clock=lambda: now)
    policy = RateLimit(name="refill", limit=2, period=10)
    assert [buckets.take(policy, "a")[0] for _ in range(3)] == [1, 1, 0]
    now = 5.0
    assert [buckets.take(policy, "a")[0] for _ in range(2)] == [1, 0]
    now = 1_000.0
    assert [buckets.take(policy, "a")[0] for _ in range(3)] == [1, 1, 0]


def test_the_buckets_of_a_process_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LocalBuckets, "LARGEST", 2)
    buckets = LocalBuckets()
    policy = RateLimit(name="bounded", limit=1, period=60)
    for key in ("a", "b", "c"):
        buckets.take(policy, key)
    assert buckets.take(policy, "a")[0] == 1
    assert buckets.take(policy, "c")[0] == 0


@pytest.mark.django_db
def test_the_addresses_of_one_ipv6_network_share_a_bucket(api: Api) -> None:
    answers = [
        api().get("/v1/limited", REMOTE_ADDR=f"2001:db8:7:7::{number:x}") for number in range(1, 4)
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert api().get("/v1/limited", REMOTE_ADDR="2001:db8:7:8::1").status_code == 200
