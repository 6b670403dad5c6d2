"""One JSON object a line on standard output, whoever logs: our own code, Django, Celery or the web server."""

import json
import logging
import logging.config
import sys
from typing import Any, Literal, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from config.http import context
from config.telemetry import uncaught
from config.telemetry.redaction import redact
from config.telemetry.redaction.database import without_literals

Format = Literal["json", "console"]

FIRST = ("timestamp", "level", "event", "logger")

# Loggers that others configure before us, or would: their lines go to the root like everybody's.
TAKEN_OVER = (
    "django",
    "django.server",
    "celery",
    "celery.task",
    "_granian",
    "granian.access",
    "py.warnings",
)

# What our own line for each request and each task says better.
QUIETED = {
    "django.security.csrf": "ERROR",
    "django.db.backends.schema": "INFO",
    "django.template": "INFO",  # below, it shows all that a template was given
    "granian.access": "WARNING",
    "botocore": "INFO",  # below, it shows requests and answers whole: data keys
    "boto3": "INFO",
    "celery.app.trace": "WARNING",  # its line of success holds what the task returned
    "celery.worker.strategy": "WARNING",
}


def settings(*, level: str, format: str) -> dict[str, Any]:  # noqa: A002 - the environment's word
    """The `dictConfig` of every process of ours, also for servers that want one of their own (granian)."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"failures": {"()": "config.telemetry.logging.OnlyExceptions"}},
        "formatters": {"line": {"()": "config.telemetry.logging.formatter", "format": format}},
        "handlers": {
            "stdout": {
                "()": "config.telemetry.logging.StandardOutput",
                "formatter": "line",
                "level": level,
            }
        },
        "root": {"handlers": ["stdout"], "level": level},
        "loggers": {
            "django.request": {"filters": ["failures"]},
            **{
                name: {"handlers": [], "propagate": True, "level": QUIETED.get(name, "NOTSET")}
                for name in sorted({*TAKEN_OVER, *QUIETED})
            },
        },
    }


def configure(options: dict[str, str]) -> None:
    """Django's `LOGGING_CONFIG`: `options` are the `level` and `format` of `settings`."""
    logging.config.dictConfig(settings(**options))
    logging.captureWarnings(True)
    uncaught.log_uncaught()
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.add_logger_name,
            structlog.stdlib.add_log_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def formatter(format: str = "json") -> logging.Formatter:  # noqa: A002 - as above
    """Makes the line of a record. Everything passes `redact`, and nothing is added after it."""
    render: Processor = (
        structlog.dev.ConsoleRenderer(
            colors=sys.stdout.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
        if format == "console"
        else _as_json
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.stdlib.add_logger_name,
            structlog.stdlib.add_log_level,
            structlog.stdlib.ExtraAdder(),
            _without_requests,
            _without_task_arguments,
            _without_parameters,
        ],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.contextvars.merge_contextvars,
            _add_context,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.StackInfoRenderer(),
            structlog.processors.format_exc_info,
            _in_order,
            _redacted,
            render,
        ],
    )


class OnlyExceptions(logging.Filter):
    """Lets an error answer pass only if an exception made it: of the others the access line tells."""

    def filter(self, record: logging.LogRecord) -> bool:
        return bool(record.exc_info)


class _Discreet(logging.Handler):
    """Never shows a record that could not be formatted."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the library's name
        """Say that a line was lost. The library would print the record's arguments as they are."""
        error = sys.exc_info()[0]
        lost = {"level": "error", "event": "log_line_lost", "logger": record.name}
        sys.stderr.write(json.dumps(lost | {"error": error.__name__ if error else ""}) + "\n")


class StandardOutput(_Discreet, logging.StreamHandler[TextIO]):
    """Writes to what `sys.stdout` is at that moment."""

    def __init__(self, level: int | str = logging.NOTSET) -> None:
        logging.Handler.__init__(self, level)

    @property
    def stream(self) -> TextIO:  # type: ignore[override]
        return sys.stdout


class DiscreetFile(_Discreet, logging.FileHandler):
    """Writes to a file."""


def _add_context(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    now = context.current()
    known = {
        "request_id": now.request_id,
        "trace_id": now.traceparent[3:35],  # W3C Trace Context section 3.2.2
        "user_id": now.actor_id if now.actor_type == "user" else "",
        "session_id": now.session_id,
        "client_id": now.client_id,
    }
    for name, value in known.items():
        if value:
            event.setdefault(name, value)
    return event


def _without_requests(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Django says the raw path or header, and hands over the request; our lines know the route."""
    if event["logger"] == "django.request":
        event["event"] = "request_failed"
    elif event["logger"].startswith("django.security"):
        event["event"] = "request_refused"  # the logger's name says why
        event.pop("exc_info", None)
    event.pop("request", None)
    return event


def _without_task_arguments(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Celery hands over the arguments of the task, and its traceback a second time."""
    data = event.get("data")
    if event["logger"].startswith("celery") and isinstance(data, dict):
        dropped = {"args", "kwargs", "return_value", "traceback"}
        event["data"] = {name: value for name, value in data.items() if name not in dropped}
    return event


def _without_parameters(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Django logs a statement with its values in it and beside it; neither has a name to be judged by."""
    if event["logger"].startswith("django.db.backends"):
        event.pop("params", None)
        statement = event.pop("sql", None)
        if statement is None:
            event["event"] = without_literals(str(event["event"]))
        else:
            event.update(event="query", sql=without_literals(str(statement)))
    return event


def _in_order(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    return {**{name: event[name] for name in FIRST if name in event}, **event}


def _redacted(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    clean: EventDict = redact(event)
    return clean


def _as_json(_: WrappedLogger, __: str, event: EventDict) -> str:
    return json.dumps(event, separators=(",", ":"))
