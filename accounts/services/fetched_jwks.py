"""The keys behind a client's JWKS URL, fetched when they are needed and remembered for a while.

Rotated keys are found: a key id that is not among the remembered ones makes us read the URL again, at most once in
`client_jwks_refetch_interval`, whether the reading succeeds or not. So nobody can make us knock at somebody else's
door more often than that by inventing key ids.
"""

import threading
import time
from collections import OrderedDict

import structlog
from django.conf import settings

from accounts.services.client_jwks import ClientKey, KeySetError, key_for, read_usable
from config.http import json, outbound
from config.http.outbound import OutboundError
from config.http.problems import MalformedBodyError

log = structlog.get_logger(__name__)

NEVER = float("-inf")


class RemoteKeySet:
    """What one URL answered last. A thread that finds its key among fresh ones waits for nobody."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._keys: tuple[ClientKey, ...] = ()
        self._read_at = NEVER
        self._tried_at = NEVER
        self._reading = threading.Lock()

    def find(self, *, algorithm: str, kid: str | None) -> ClientKey | None:
        """The key, from memory or from the URL. None when there is none, or nothing could be read."""
        found = self._remembered(algorithm, kid)
        if found is None:
            with self._reading:
                found = self._remembered(algorithm, kid)
                if found is None and self._may_try():
                    self._read()
                    found = self._remembered(algorithm, kid)
        return found

    def _remembered(self, algorithm: str, kid: str | None) -> ClientKey | None:
        fresh = time.monotonic() - self._read_at <= settings.ENVIRONMENT.client_jwks_max_age
        return key_for(self._keys, algorithm=algorithm, kid=kid) if fresh else None

    def _may_try(self) -> bool:
        pause = settings.ENVIRONMENT.client_jwks_refetch_interval
        return time.monotonic() - self._tried_at >= pause

    def _read(self) -> None:
        self._tried_at = time.monotonic()
        try:
            self._keys, self._read_at = _fetch(self._url), time.monotonic()
        except OutboundError as error:
            log.warning("client keys could not be read", reason=error.reason)
        except (KeySetError, MalformedBodyError):
            log.warning("client keys could not be read", reason="not_a_key_set")


class RemoteKeySets:
    """The key sets of the `client_jwks_cache_size` URLs that were asked for last."""

    def __init__(self) -> None:
        self._sets: OrderedDict[str, RemoteKeySet] = OrderedDict()
        self._lock = threading.Lock()

    def at(self, url: str) -> RemoteKeySet:
        with self._lock:
            found = self._sets.pop(url, None) or RemoteKeySet(url)
            self._sets[url] = found
            while len(self._sets) > settings.ENVIRONMENT.client_jwks_cache_size:
                self._sets.popitem(last=False)
        return found

    def forget(self) -> None:
        with self._lock:
            self._sets.clear()


remembered = RemoteKeySets()


def _fetch(url: str) -> tuple[ClientKey, ...]:
    answer = outbound.send(url, headers={"Accept": "application/jwk-set+json, application/json"})
    if answer.status != 200:
        raise KeySetError(f"The status is {answer.status}.")
    return read_usable(json.parse(answer.body))
