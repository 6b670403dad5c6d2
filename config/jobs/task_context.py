"""Who asked, carried from the request into the task that it sent; and one log line for each task."""

import logging
import time
from contextlib import ExitStack
from dataclasses import asdict, fields
from typing import Any

import structlog
from celery import Task, signals

from config.http import context
from config.http.context import RequestContext
from config.telemetry import tracing

logger = structlog.get_logger(__name__)

HEADER = "gatehouse_context"
_NAMES = frozenset(field.name for field in fields(RequestContext))

# What to undo when a task ends, by its id: signals come in pairs, in one thread.
_entered: dict[str, tuple[ExitStack, float]] = {}


def connect() -> None:
    """Listen to Celery; called once, where the application is made."""
    signals.setup_logging.connect(keep_logging)
    signals.before_task_publish.connect(send_context)
    signals.task_prerun.connect(enter_context)
    signals.task_postrun.connect(leave_context)


def keep_logging(**_: Any) -> None:
    """Celery configures no logging when somebody listens here. Django has configured it."""


def send_context(headers: dict[str, Any], **_: Any) -> None:
    """Put the context in force into the message."""
    headers.setdefault(HEADER, asdict(context.current()))


def enter_context(task_id: str, task: "Task[..., Any]", **_: Any) -> None:
    """Run the task under the context of its message; without one it is the system acting."""
    undo = ExitStack()
    undo.enter_context(context.acting(_context_of(task, task_id)))
    if tracing.is_on():
        undo.enter_context(tracing.span(task.name, kind="consumer"))
    undo.enter_context(structlog.contextvars.bound_contextvars(task=task.name, task_id=task_id))
    _entered[task_id] = (undo, time.perf_counter())


def leave_context(task_id: str, state: str | None = None, **_: Any) -> None:
    """Write the task's line, and restore the context from before it."""
    undo, began = _entered.pop(task_id)
    with undo:
        level = logging.INFO if state == "SUCCESS" else logging.WARNING
        milliseconds = round((time.perf_counter() - began) * 1000, 2)
        logger.log(level, "task", state=state, duration_ms=milliseconds)


def _context_of(task: "Task[..., Any]", task_id: str) -> RequestContext:
    sent = (task.request.headers or {}).get(HEADER)
    known = {name: value for name, value in (sent or {}).items() if name in _NAMES}
    if not known.get("request_id"):
        known["request_id"] = task_id
    if not known.get("actor_id") and known.get("actor_type", "system") == "system":
        known["actor_id"] = task.name
    return RequestContext(**known)
