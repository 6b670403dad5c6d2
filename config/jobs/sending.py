"""Tasks that are sent when what they tell of is committed already: their sender's request must not fail for them."""

from typing import Any

import structlog
from celery import Task
from kombu.exceptions import OperationalError

from config.jobs.metrics import TASKS_UNSENT

log = structlog.get_logger(__name__)


class UnfailingTask(Task[Any, Any]):
    """A mail, say. A broker that is away for longer than the few tries of Celery is counted and logged, and the task is
    given up; a task that sends itself again, in a worker, stays with its broker and fails.
    """

    abstract = True

    def apply_async(self, *args: Any, **options: Any) -> Any:
        """The result, None when no broker took the task."""
        try:
            return super().apply_async(*args, **options)
        except OperationalError as error:
            if not self.request.called_directly:
                raise
            TASKS_UNSENT.inc()
            log.error("task_not_sent", task=self.name, reason=f"{type(error).__name__}: {error}")  # noqa: TRY400
            return None
