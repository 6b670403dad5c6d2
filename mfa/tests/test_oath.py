"""TOTP by the book: the test vectors of RFC 6238, the window, and what the QR code says."""

from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from mfa.oath import base32, matching_steps, otpauth_uri

RFC_SECRET = b"12345678901234567890"
RFC_VECTORS = [  # RFC 6238 appendix B, SHA-1; six digits are the last six of its eight
    (59, "287082"),
    (1111111109, "081804"),
    (1111111111, "050471"),
    (1234567890, "005924"),
    (2000000000, "279037"),
    (20000000000, "353130"),
]


@pytest.mark.parametrize(("seconds", "code"), RFC_VECTORS)
def test_the_vectors_of_the_rfc_match_in_their_step(seconds: int, code: str) -> None:
    at = datetime.fromtimestamp(seconds, UTC)
    assert seconds // 30 in matching_steps(RFC_SECRET, code, at=at)


@pytest.mark.parametrize(
    ("seconds_off", "matches"),
    [(-60, False), (-31, False), (-30, True), (29, True), (30, True), (59, True), (60, False)],
)
def test_a_code_matches_one_step_early_and_one_step_late(seconds_off: int, matches: bool) -> None:
    at = datetime.fromtimestamp(1111111110 + seconds_off, UTC)
    assert bool(matching_steps(RFC_SECRET, "050471", at=at)) is matches


def test_without_tolerance_only_the_present_step_matches(environment: Callable[..., None]) -> None:
    environment(totp_tolerance=0)
    assert matching_steps(RFC_SECRET, "050471", at=datetime.fromtimestamp(1111111139, UTC))
    assert not matching_steps(RFC_SECRET, "050471", at=datetime.fromtimestamp(1111111140, UTC))


@pytest.mark.parametrize("code", ["", "50471", "0050471", "287082", "٠٥٠٤٧١", "050471\n", "abcdef"])
def test_anything_but_the_six_digits_does_not_match(code: str) -> None:
    assert matching_steps(RFC_SECRET, code, at=datetime.fromtimestamp(1111111111, UTC)) == ()


def test_the_uri_says_what_an_app_must_know(environment: Callable[..., None]) -> None:
    environment(totp_issuer="Gate & House")
    uri = urlsplit(otpauth_uri(RFC_SECRET, account="asha+kite@example.com"))
    assert (uri.scheme, uri.netloc) == ("otpauth", "totp")
    assert uri.path == "/Gate%20%26%20House:asha%2Bkite@example.com"
    assert parse_qs(uri.query) == {
        "secret": [base32(RFC_SECRET)],
        "issuer": ["Gate & House"],
        "algorithm": ["SHA1"],
        "digits": ["6"],
        "period": ["30"],
    }
    assert "+" not in uri.query
