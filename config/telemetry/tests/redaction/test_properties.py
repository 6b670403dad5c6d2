"""What holds of the filter for any input."""

import json
import string
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from config.telemetry.redaction import redact, redact_text

FRAGMENTS = st.sampled_from(
    [
        "password", "token", "=", ": ", "'", '"', "\\", "{", "}", "[", "]", "(", ")", ",", " ", "\n", "://", "@",
        "Bearer ", "Basic ", "eyJ", ".", "-----BEGIN X-----", "-----END X-----", "203.0.113.7", "::", "2001:db8::1",
        "/24", "a@b.example", "gh_pat_x", "0123456789abcdef" * 2, "cookie:", "Key (a)=(b)", "[redacted]", "***",
        "Failing row contains (", "\n\nThe above exception was ", "parameter $1 = '", "otpauth://x", "code",
    ]
)  # fmt: skip
TEXTS = st.lists(FRAGMENTS | st.text(max_size=8), max_size=24).map("".join)
SECRETS = st.text(string.ascii_letters + string.digits, min_size=12, max_size=40).map(
    "S3cr".__add__
)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | TEXTS | st.binary(max_size=20)
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(TEXTS)
@example('password="a\\')
@example("Bearer Bearer abcdefgh")
def test_doing_it_again_changes_nothing(text: str) -> None:
    once = redact_text(text)

    assert redact_text(once) == once


@given(VALUES)
def test_doing_it_again_to_a_structure_changes_nothing(value: Any) -> None:
    once = redact(value)

    assert redact(once) == once


@given(VALUES)
def test_the_outcome_is_json(value: Any) -> None:
    json.dumps(redact(value), allow_nan=False)


@given(secret=SECRETS, path=st.lists(st.sampled_from(["body", "data", "items"]), max_size=5))
def test_no_nesting_hides_a_named_secret(secret: str, path: list[str]) -> None:
    value: Any = {"password": secret}
    for name in path:
        value = {name: [value]}

    assert secret not in json.dumps(redact(value))


@given(
    secret=SECRETS,
    before=TEXTS.filter(lambda text: not text or not (text[-1].isalnum() or text[-1] in "-_\\")),
    quote=st.sampled_from(["", "'", '"']),
    joint=st.sampled_from(["=", ": ", " = "]),
)
def test_no_text_before_it_hides_a_named_secret(
    secret: str, before: str, quote: str, joint: str
) -> None:
    text = f"{before}{quote}password{quote}{joint}{quote}{secret}{quote} after"

    assert secret not in redact_text(text)


HOSTILE = st.sampled_from(
    [
        "a@", "a.", "1.", "1.1.1.", ":", "::", "eyJ", "eyJ.", "-", "a-", "password=", "password='", 'x="', "\\",
        "Bearer ", "://a:", "://", "-----BEGIN X-----", "Key (", "cookie:", "a=", "A", "'", "Failing row contains (",
        "invalid input syntax for ", "parameter $1 = '", "token: [", "%", "/",
    ]
)  # fmt: skip


@given(st.lists(HOSTILE, min_size=1, max_size=3).map("".join))
@settings(deadline=2_000, max_examples=60)
def test_time_grows_no_faster_than_the_text(piece: str) -> None:
    """A pattern that backtracks would take minutes on a text at the limit; the deadline is two seconds."""
    redact_text((piece * (64 * 1024))[: 64 * 1024])
