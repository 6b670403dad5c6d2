"""The replicas that this process knows, and which of them may be read from just now."""

import random
import time
from dataclasses import dataclass, field
from functools import cache
from threading import Lock

import structlog
from django.conf import settings
from django.db import Error, connections

from config.replicas.metrics import AWAY, LAG, OWN_CHANGE, REPLICA
from config.replicas.servers import NoReplicaError, Standing, standing

log = structlog.get_logger(__name__)


@dataclass
class Replica:
    """One of them, for all threads. Who failed rests for `REPLICA_PAUSE`, and then one thread asks again."""

    alias: str
    _known: Standing | None = None
    _known_at: float = float("-inf")
    _rests_until: float = float("-inf")
    _asking: Lock = field(default_factory=Lock)

    def standing(self, *, age: float) -> Standing | None:
        """How far it is, asked no longer ago than `age` seconds; what was known before while another thread asks.
        None: it is away.
        """
        now = time.monotonic()
        if now < self._rests_until:
            return None
        if now - self._known_at > age and self._asking.acquire(blocking=False):
            try:
                self._ask()
            finally:
                self._asking.release()
        return self._known

    def rest(self, reason: str) -> None:
        """Leave it alone for a while, and its connections, which may be broken."""
        if self._known is not None or self._rests_until < 0:
            log.warning("replica_away", replica=self.alias, reason=reason)
        self._known = None
        self._rests_until = time.monotonic() + settings.ENVIRONMENT.replica_pause
        connections[self.alias].close()

    def _ask(self) -> None:
        try:
            found = standing(self.alias)
        except (Error, NoReplicaError) as error:
            self.rest(type(error).__name__)
            return
        if self._known is None and self._rests_until > 0:
            log.warning("replica_back", replica=self.alias)
        self._known, self._known_at = found, time.monotonic()


def aliases() -> list[str]:
    """What Django calls them; none where there are none."""
    return list(settings.DATABASE_REPLICAS)


@cache
def replica(alias: str) -> Replica:
    return Replica(alias)


def choose(position: int) -> tuple[str | None, str]:
    """A replica that is well, lags no more than REPLICA_MAX_LAG and has all up to `position`, and why; None: there is
    none, and why.
    """
    environment = settings.ENVIRONMENT
    reasons = set()
    names = aliases()
    for alias in random.sample(names, len(names)):
        one = replica(alias)
        known = one.standing(age=environment.replica_check_interval)
        if known is not None and known.position < position:
            known = one.standing(age=0)  # it may have caught up since
        if known is None:
            reasons.add(AWAY)
        elif known.lag > environment.replica_max_lag:
            reasons.add(LAG)
        elif known.position < position:
            reasons.add(OWN_CHANGE)
        else:
            return alias, REPLICA
    return None, next(reason for reason in (OWN_CHANGE, LAG, AWAY) if reason in reasons)
