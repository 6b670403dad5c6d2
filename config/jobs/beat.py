"""Beat's scheduler: the one that keeps its schedule in the database, watched."""

from typing import Any

from django_celery_beat.schedulers import DatabaseScheduler

from config.telemetry import watched_process


class WatchedScheduler(DatabaseScheduler):
    """Looks at its schedule every five seconds or more often."""

    def tick(self, *args: Any, **options: Any) -> float:
        """Send what is due; returns the seconds until something is."""
        watched_process.beat()
        pause: float = super().tick(*args, **options)
        return pause
