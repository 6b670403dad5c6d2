"""Secrets in a text, wherever they stand."""

import re

from config.telemetry.redaction.database import redact_database_details
from config.telemetry.redaction.keys import REDACTED
from config.telemetry.redaction.pairs import redact_pairs
from config.telemetry.redaction.personal import redact_personal
from config.telemetry.redaction.tokens import SHORTEST_RUN, redact_tokens

LONGEST_TEXT = 64 * 1024
_CUT = " [cut]"
_LONGEST_LAST_WORD = 2048

_PEM = re.compile(r"-----BEGIN [^-\n]{1,40}-----(?:.*?-----END [^-\n]{1,40}-----|.*+)", re.DOTALL)
_OTPAUTH = re.compile(r"(otpauth(?:-migration)?://)[^\s\"'<>]++", re.IGNORECASE)
_URL_PASSWORD = re.compile(r"(://[^\s:/@?#\"<>]*+:)[^\s/?#\"<>]*@")
_CREDENTIALS = re.compile(r"(?<![\w-])(Bearer {1,4})[\w.~+/=-]{8,}+", re.IGNORECASE)
_BASIC = re.compile(r"(?<![\w-])(Basic {1,4})(?=[a-z]*[A-Z0-9+/=])[\w+/=-]{8,}+")


def redact_text(text: str) -> str:
    """`text` without secrets and with shortened addresses; what is longer than 64 KiB is cut.

    Doing it again changes nothing.
    """
    if _is_a_plain_word(text):
        return text
    text = _cut(text)
    if "-----BEGIN " in text:
        text = _PEM.sub(REDACTED, text)
    text = redact_pairs(text)  # before anything takes names away
    if "://" in text:
        text = _OTPAUTH.sub(rf"\1{REDACTED}", text)
        text = _URL_PASSWORD.sub(rf"\1{REDACTED}@", text)
    text = redact_database_details(text)
    if " " in text:
        text = _CREDENTIALS.sub(rf"\1{REDACTED}", text)
        text = _BASIC.sub(rf"\1{REDACTED}", text)
    text = redact_tokens(text)
    return _cut(redact_personal(text))


def _is_a_plain_word(text: str) -> bool:
    """Most of what is logged, and nearly every name of a value: spares it the search."""
    return len(text) < SHORTEST_RUN and text.isidentifier() and not text.startswith("gh_pat_")


def _cut(text: str) -> str:
    """At most LONGEST_TEXT characters, and no half of a word that might be half of a secret."""
    if len(text) <= LONGEST_TEXT:
        return text
    head = text[: LONGEST_TEXT - len(_CUT)]
    for index in range(len(head) - 1, len(head) - _LONGEST_LAST_WORD, -1):
        if head[index].isspace():
            return head[:index] + _CUT
    return head[:-_LONGEST_LAST_WORD] + _CUT
