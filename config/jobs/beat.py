"""Beat's scheduler: the one that keeps its schedule in the database, watched, and one of any number of them."""

import os
import socket
from datetime import timedelta
from typing import Any
from uuid import uuid4

import structlog
from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django_celery_beat.schedulers import DatabaseScheduler

from config.jobs import leases
from config.telemetry import watched_process

log = structlog.get_logger(__name__)

LEASE = "beat"
LOOKS = 3  # at the lease, in its time


class WatchedScheduler(DatabaseScheduler):
    """Sends while it has the lease; looks every few seconds whether it has."""

    def __init__(self, *args: Any, **options: Any) -> None:
        self._holder = f"{socket.gethostname()[:40]}:{os.getpid()}:{uuid4().hex}"
        self._leads = False
        super().__init__(*args, **options)

    def tick(self, *args: Any, **options: Any) -> float:
        """Send one task that is due, if it is for us to send; returns the seconds until the next look."""
        watched_process.beat()
        longest = settings.ENVIRONMENT.beat_lease / LOOKS
        if not self._has_the_lease():
            return longest
        pause: float = super().tick(*args, **options)
        return min(pause, longest)

    def close(self) -> None:
        """Write down what was sent, and let another go on."""
        super().close()
        if not self._leads:
            return
        try:
            leases.give_back(name=LEASE, holder=self._holder)
        except (DatabaseError, InterfaceError) as error:  # then it runs out
            log.warning("beat_lease_kept", reason=f"{type(error).__name__}: {error}")

    def _has_the_lease(self) -> bool:
        """Without PostgreSQL nobody can say, and another may have it."""
        time = timedelta(seconds=settings.ENVIRONMENT.beat_lease)
        try:
            leads = leases.take(name=LEASE, holder=self._holder, time=time)
        except (DatabaseError, InterfaceError) as error:
            connection.close()  # the next look opens a new one
            log.warning("beat_lease_unknown", reason=f"{type(error).__name__}: {error}")
            leads = False
        if leads != self._leads:
            self._leads = leads
            self._begin_anew()
            log.info("beat_leads" if leads else "beat_follows")
        return leads

    def _begin_anew(self) -> None:
        """What this one knows of last runs is older than what another has written down."""
        self._dirty.clear()
        self._heap = None
        self._initial_read = True
