"""`starts_with ends_with matches`: strings. `matches` is RE2, whose time is linear in the text whatever the pattern."""

from collections.abc import Callable
from typing import Any

import re2

from authz.engine import limits
from authz.engine.errors import flawed
from authz.engine.operators.base import Check, Operator, text
from authz.engine.outcomes import Outcome, Unknown


def _affix(holds: Callable[[str, str], bool]) -> Operator:
    def dynamic(value: Any, other: Any) -> Outcome:
        if not isinstance(value, str) or not isinstance(other, str):
            return Unknown.WRONG_TYPE
        return holds(value, other)

    def literal(operand: Any, where: str) -> Check:
        affix = text(operand, where)
        return lambda value: dynamic(value, affix)

    return Operator(literal, dynamic)


def _matches(operand: Any, where: str) -> Check:
    """The whole value must match: `.*` around a pattern makes it a search. Nothing is said of values that are longer
    than any id, address or path: linear time is not little time.
    """
    pattern = _compile(text(operand, where), where)

    def check(value: Any) -> Outcome:
        if not isinstance(value, str) or len(value) > limits.MATCHED_LENGTH:
            return Unknown.WRONG_TYPE
        try:
            encoded = value.encode()
        except UnicodeEncodeError:
            return Unknown.WRONG_TYPE  # half of a surrogate pair is no text
        return pattern.fullmatch(encoded) is not None

    return check


def _compile(pattern: str, where: str) -> Any:
    options = re2.Options()
    options.max_mem = limits.REGEX_MEMORY
    options.never_capture = True
    options.log_errors = False
    try:
        return re2.compile(pattern.encode(), options)
    except re2.error as error:
        reason = error.args[0]
        told = reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)
        raise flawed(where, "syntax", f"Not a regular expression of RE2: {told}.") from None


STARTS_WITH = _affix(str.startswith)
ENDS_WITH = _affix(str.endswith)
MATCHES = Operator(_matches)
