"""The one filter that everything we write about ourselves passes: log lines, tracebacks, error reports.

It takes secrets out by what they are called (`keys`, `pairs`) and by what they look like (`shapes`, `tokens`),
shortens e-mail and IP addresses (`personal`), works in linear time on a bounded input, and leaves alone what it
made itself.
"""

from config.telemetry.redaction.keys import REDACTED, is_secret_key
from config.telemetry.redaction.structures import redact
from config.telemetry.redaction.text import redact_text

__all__ = ["REDACTED", "is_secret_key", "redact", "redact_text"]
