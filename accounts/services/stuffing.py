"""Credential stuffing: one place that tries many accounts in vain (OWASP Credential Stuffing Prevention).

For each address and for its network the accounts that failed are counted in Redis, in windows of `stuffing_window`.
A count is a HyperLogLog, at most 12 KB however many there are, and neither addresses nor accounts are in clear: the
keys are keyed hashes. With Redis away each process counts for itself, up to the limit and no further.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

import redis
from django.conf import settings

from accounts.metrics import STUFFING_SUSPECTED
from config import redis as redis_connection
from config.http import context
from config.http.client_ip import household_of, network_of
from config.http.metrics import REDIS_FALLBACKS
from config.redis import Command
from config.vault.mac import keyed_hasher


@dataclass(frozen=True, kw_only=True)
class Suspicion:
    """From `network`, an address or a network in CIDR form, so many `accounts` were tried in vain, about."""

    network: str
    accounts: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Count:
    """One window of one place, and from how many accounts on it is suspicious."""

    network: str
    key: str
    limit: int


def note_failure(*, email: str) -> list[Suspicion]:
    """Count a failed sign-in to `email` from the request in hand, whether or not somebody has that address.

    Returns what has become suspicious just now: of each place once in a window, whoever asks.
    """
    address = context.current().ip
    if address is None:
        return []
    hasher = keyed_hasher("credential-stuffing")
    account = hasher(b"account:" + email.strip().lower().encode())
    counts = _counts_of(address, hasher)
    try:
        found = _count_in_redis(counts, account)
    except redis.RedisError:
        REDIS_FALLBACKS.labels("stuffing").inc()
        found = [suspicion for count in counts if (suspicion := _local_counts.add(count, account))]
    STUFFING_SUSPECTED.inc(len(found))
    return found


def _counts_of(address: str, hasher: Callable[[bytes], bytes]) -> list[Count]:
    environment = settings.ENVIRONMENT
    window = int(time.time() // environment.stuffing_window)
    return [
        Count(
            network=network,
            key=f"{window}:{hasher(network.encode()).hex()}",
            limit=limit,
        )
        for network, limit in (
            (household_of(address), environment.stuffing_accounts_per_address),
            (network_of(address), environment.stuffing_accounts_per_network),
        )
    ]


def _count_in_redis(counts: list[Count], account: bytes) -> list[Suspicion]:
    """One round trip, and one more for what is over its limit."""
    client, lifetime = redis_connection.client(), settings.ENVIRONMENT.stuffing_window
    commands: list[Command] = []
    for count in counts:
        key = redis_connection.key("stuffing", count.key)
        commands += [("PFADD", key, account), ("EXPIRE", key, lifetime), ("PFCOUNT", key)]
    numbers = redis_connection.answers(commands)[2::3]
    return [
        Suspicion(network=count.network, accounts=number)
        for count, number in zip(counts, numbers, strict=True)
        if number >= count.limit
        and client.set(redis_connection.key("stuffing-told", count.key), 1, nx=True, ex=lifetime)
    ]


class LocalCounts:
    """The same in memory: the places most recently seen, and of each no more accounts than make it suspicious."""

    LARGEST = 1_000

    def __init__(self) -> None:
        self._accounts: OrderedDict[str, set[bytes]] = OrderedDict()
        self._lock = threading.Lock()

    def add(self, count: Count, account: bytes) -> Suspicion | None:
        """The suspicion, if this account is the one that makes it one."""
        with self._lock:
            accounts = self._accounts.setdefault(count.key, set())
            self._accounts.move_to_end(count.key)
            if len(self._accounts) > self.LARGEST:
                self._accounts.popitem(last=False)
            if len(accounts) >= count.limit or account in accounts:
                return None
            accounts.add(account)
            if len(accounts) < count.limit:
                return None
        return Suspicion(network=count.network, accounts=count.limit)


_local_counts = LocalCounts()
