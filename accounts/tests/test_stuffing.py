"""One place that tries many accounts is noticed, and told of once in a window."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import redis
import time_machine
from django.utils import timezone
from prometheus_client import REGISTRY
from redis.backoff import NoBackoff
from redis.retry import Retry
from rest_framework.test import APIClient

from accounts import sign_in_limits
from accounts.services import stuffing
from accounts.services.stuffing import LocalCounts, Suspicion
from accounts.tests.conftest import post
from accounts.tests.factories import PASSWORD, UserFactory
from audit.models import AuthEvent
from config import redis as our_redis
from config.http.context import RequestContext, acting
from config.http.ratelimit import take

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ready")]

NOON = timezone.now().replace(hour=12, minute=1)  # no window ends within the test


@pytest.fixture(autouse=True)
def limits(environment: Callable[..., None]) -> Iterator[None]:
    """Five accounts of an address and eight of a network are suspicious; nothing was counted yet."""
    environment(stuffing_accounts_per_address=5, stuffing_accounts_per_network=8)
    for pattern in ("stuffing:*", "stuffing-told:*"):
        for key in our_redis.client().scan_iter(our_redis.key(pattern)):
            our_redis.client().delete(key)
    with time_machine.travel(NOON):
        yield


def guess(email: str, ip: str, password: str = "not the password") -> int:
    client = APIClient(REMOTE_ADDR=ip)
    body = {"email": email, "password": password}
    return int(post(client, "/v1/auth/login", body).status_code)


def suspected() -> list[tuple[str, int]]:
    rows = AuthEvent.objects.filter(event_type="session.anomaly").order_by("event_id")
    assert all(row.metadata["kind"] == "credential_stuffing" for row in rows)
    return [(row.metadata["network"], row.metadata["accounts"]) for row in rows]


def counted() -> float:
    return REGISTRY.get_sample_value("gatehouse_stuffing_suspected_total") or 0


def test_many_accounts_from_one_address_are_told_of_once_in_a_window() -> None:
    before = counted()
    for number in range(7):
        guess(f"person-{number}@example.com", "192.0.2.1")
    assert suspected() == [("192.0.2.1", 5)]
    assert counted() == before + 1
    row = AuthEvent.objects.get(event_type="session.anomaly")
    assert (row.ip, row.subject_user_id, row.outcome) == ("192.0.2.1", "", "failure")


def test_the_next_window_counts_anew() -> None:
    for number in range(5):
        guess(f"person-{number}@example.com", "192.0.2.1")
    with time_machine.travel(NOON + timedelta(minutes=15)):
        guess("person-0@example.com", "192.0.2.1")
        assert len(suspected()) == 1
        for number in range(1, 5):
            guess(f"person-{number}@example.com", "192.0.2.1")
    assert len(suspected()) == 2


@pytest.mark.parametrize(
    ("addresses", "network"),
    [
        ([f"192.0.2.{number}" for number in range(8)], "192.0.2.0/24"),
        ([f"2001:db8:1:{number}::1" for number in range(8)], "2001:db8:1::/48"),
    ],
)
def test_accounts_tried_from_neighbouring_addresses_are_counted_together(
    addresses: list[str], network: str
) -> None:
    for number, address in enumerate(addresses):
        guess(f"person-{number}@example.com", address)
    assert suspected() == [(network, 8)]


def test_one_account_tried_often_is_no_stuffing() -> None:
    for spelling in ("a@example.com", "A@example.com", "a@EXAMPLE.com"):
        for _ in range(3):
            guess(spelling, "192.0.2.1")
    assert suspected() == []


def test_people_who_get_in_are_no_stuffing() -> None:
    for _ in range(6):
        assert guess(UserFactory.create(password=PASSWORD).email, "192.0.2.1", PASSWORD) == 200
    assert suspected() == []


def test_neither_addresses_nor_accounts_are_stored_in_clear() -> None:
    guess("asha@example.com", "192.0.2.1")
    client = our_redis.client()
    keys = list(client.scan_iter(our_redis.key("stuffing:*")))
    assert len(keys) == 2
    for key in keys:
        held = key + client.get(key)
        assert b"asha" not in held
        assert b"192.0.2" not in held
        assert 0 < client.ttl(key) <= 900


@pytest.fixture
def redis_away(monkeypatch: pytest.MonkeyPatch) -> None:
    gone = redis.Redis(port=1, retry=Retry(NoBackoff(), 0))
    monkeypatch.setattr(our_redis, "client", lambda: gone)
    monkeypatch.setattr(stuffing, "_local_counts", LocalCounts())


@pytest.mark.usefixtures("redis_away")
def test_with_redis_away_each_process_counts_for_itself() -> None:
    with acting(RequestContext(ip="192.0.2.1")):
        found = [stuffing.note_failure(email=f"{number}@example.com") for number in range(7)]
    assert [bool(suspicions) for suspicions in found] == [False] * 4 + [True] + [False] * 2
    assert found[4] == [Suspicion(network="192.0.2.1", accounts=5)]


@pytest.mark.usefixtures("redis_away")
def test_what_a_process_counts_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LocalCounts, "LARGEST", 4)
    for number in range(20):
        with acting(RequestContext(ip=f"198.51.{number}.1")):
            stuffing.note_failure(email="a@example.com")
    assert len(stuffing._local_counts._accounts) == 4


def test_a_peer_without_an_address_is_no_place() -> None:
    with acting(RequestContext(ip=None)):
        assert stuffing.note_failure(email="a@example.com") == []


def test_a_network_has_a_bucket_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    limit = sign_in_limits.PER_NETWORK
    with acting(RequestContext(ip="192.0.2.77")):
        for _ in range(limit.limit):
            take(limit, limit.key(None))  # type: ignore[arg-type]
    assert guess("a@example.com", "192.0.2.1") == 429
    assert guess("a@example.com", "192.0.3.1") == 401


def test_the_console_takes_from_the_same_buckets() -> None:
    with acting(RequestContext(ip="2001:db8::1")):
        assert all(sign_in_limits.may_try() for _ in range(30))
        assert not sign_in_limits.may_try()
    assert guess("a@example.com", "2001:db8::2") == 429


def test_the_caller_is_told_of_both_buckets() -> None:
    client = APIClient(REMOTE_ADDR="192.0.2.1")
    told = post(client, "/v1/auth/login", {"email": "a@example.com", "password": "x"})
    assert '"login";q=30;w=900, "login_network";q=300;w=900' in told["RateLimit-Policy"]
