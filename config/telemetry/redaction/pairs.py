"""Secrets that a text names: `password=…`, `"api_key": "…"`, `Cookie: …`."""

import re

from config.telemetry.redaction.keys import REDACTED, is_secret_key

# A name and what joins it to its value. In JSON inside a Python literal quotes carry backslashes.
_NAME = re.compile(r"(?<![\w-])(?P<name>[\w-]++)\\{0,4}[\"']?\]?\s{0,4}(?:=>|:=|==|[:=])\s{0,4}")

# No group with a choice inside is possessive: Python before 3.11.5 matches those wrongly (gh-106052). Nothing here
# needs it, since what follows such a group always matches.
_VALUE = re.compile(
    r"""
    \s{0,4}
    (?:(?:bearer|basic|digest)\s{1,4})?      # the scheme goes with its credentials
    (?:
      (?P<prefix>[bru]{0,2})(?P<quote>\\{0,4}["'])(?:(?!(?P=quote))(?:\\.|.))*(?:(?P=quote)|\Z)
    | [\[({][^\])}]*+[\])}]?                 # a list or an object, to its first end
    | (?:\[redacted\]|[^\s,;&"'\])}<>])+
    )
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)

_JOINT = re.compile(r"(?<=[:=])|\s{0,4}[:=]")

# The pairs of a cookie header have names that are not ours: the whole line goes.
_COOKIE_LINE = re.compile(
    r"(?<![\w-])((?:set-)?cookie\s{0,4}:\s{0,4})(?![\s\"'])[^\r\n]*\S", re.IGNORECASE
)


def redact_pairs(text: str) -> str:
    """`text` without the values whose names are those of secrets. Quotes stay, so that JSON stays JSON."""
    if "=" not in text and ":" not in text:
        return text
    text = _COOKIE_LINE.sub(rf"\1{REDACTED}", text)
    pieces: list[str] = []
    done = position = 0
    while found := _NAME.search(text, position):
        position = found.end()
        if is_secret_key(found["name"]) and (value := _VALUE.match(text, position)):
            quote = value["quote"] or ""
            pieces += (text[done:position], value["prefix"] or "", quote, REDACTED, quote)
            done = position = _end_of(value, text)
    return "".join((*pieces, text[done:]))


def _end_of(value: re.Match[str], text: str) -> int:
    """Where the value ends. One that turns out to be a name (`password=token: …`) has its own value along."""
    end = value.end()
    while (joint := _JOINT.match(text, end)) and (more := _VALUE.match(text, joint.end())):
        end = more.end()
    return end
