"""Exceptions that nobody caught leave through the filter as well, and not raw on standard error."""

import logging
import sys
import threading
import traceback
from types import TracebackType

from config.telemetry.redaction import redact_text

logger = logging.getLogger(__name__)


def log_uncaught() -> None:
    """Have the interpreter hand them to the log, from the main thread and from all others.

    A person at a terminal gets the main thread's as a traceback to read.
    """
    sys.excepthook = _log
    threading.excepthook = _log_thread


def _log(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
    elif sys.stderr.isatty():
        sys.stderr.write(redact_text("".join(traceback.format_exception(kind, error, trace))))
    else:
        logger.critical("uncaught_exception", exc_info=(kind, error, trace))


def _log_thread(failure: threading.ExceptHookArgs) -> None:
    if failure.exc_value is not None and not issubclass(failure.exc_type, SystemExit):
        _log(failure.exc_type, failure.exc_value, failure.exc_traceback)
