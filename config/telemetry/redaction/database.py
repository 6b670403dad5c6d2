"""What PostgreSQL quotes of our data in its error messages, and what a logged statement holds of it."""

import re

from config.telemetry.redaction.keys import REDACTED

# To the end, or to where a traceback goes on: a value may hold anything else.
_FAILING_ROW = re.compile(
    r"(Failing row contains \().*?(?=\n\n(?:The above exception was |During handling of )|\Z)",
    re.DOTALL,
)
_KEY_DETAIL = re.compile(r"(Key \([^()\n]*+\)=\()[^\n]*+")
_PARAMETER = re.compile(r"(parameter \$\d{1,5} = )'(?:[^']|'')*'?")
_BAD_INPUT = re.compile(
    r"(invalid input (?:syntax|value) for [^:\n]{1,80}: |Token |JSON data, line \d{1,9}: )[^\n]*+"
)

_LITERAL = re.compile(
    r"E'(?:[^'\\]|\\.|'')*'?|'(?:[^']|'')*'?|\b\d++(?:\.\d++)?\b", re.DOTALL | re.IGNORECASE
)


def redact_database_details(text: str) -> str:
    """`text` without the rows, keys and parameters that a database error quotes."""
    if "Failing row contains (" in text:
        text = _FAILING_ROW.sub(rf"\1{REDACTED}", text)
    if "Key (" in text:
        text = _KEY_DETAIL.sub(rf"\1{REDACTED}", text)
    if "parameter $" in text:
        text = _PARAMETER.sub(rf"\1{REDACTED}", text)
    if "invalid input " in text:
        text = _BAD_INPUT.sub(rf"\1{REDACTED}", text)
    return text


def without_literals(sql: str) -> str:
    """The statement with `?` for every value in it."""
    return _LITERAL.sub("?", sql)
