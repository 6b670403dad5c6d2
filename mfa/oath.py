"""TOTP (RFC 6238) as authenticator apps do it: SHA-1, six digits, steps of 30 seconds since 1970."""

import base64
from datetime import datetime
from urllib.parse import quote, urlencode

from django.conf import settings
from django.utils.crypto import constant_time_compare
from django_otp.oath import TOTP

STEP_SECONDS = 30
DIGITS = 6
SECRET_LENGTH = 20  # RFC 4226 section 4 recommends 160 bits


def matching_steps(secret: bytes, code: str, *, at: datetime) -> tuple[int, ...]:
    """The time steps around `at`, oldest first, whose code is `code`; `totp_tolerance` steps each way are tried.

    Every step is computed and compared in constant time, whether or not one matched before.
    """
    clock = TOTP(secret, step=STEP_SECONDS, digits=DIGITS)
    clock.time = at.timestamp()
    tolerance = settings.ENVIRONMENT.totp_tolerance
    matches = []
    for drift in range(-tolerance, tolerance + 1):
        clock.drift = drift
        if constant_time_compare(f"{clock.token():0{DIGITS}}", code):
            matches.append(clock.t())
    return tuple(matches)


def as_typed(code: str) -> str:
    """Without the blanks that apps show and people type."""
    return "".join(code.split())


def base32(secret: bytes) -> str:
    """How a person types the secret into an app that cannot scan."""
    return base64.b32encode(secret).decode().rstrip("=")


def otpauth_uri(secret: bytes, *, account: str) -> str:
    """What the QR code says: https://github.com/google/google-authenticator/wiki/Key-Uri-Format."""
    issuer = settings.ENVIRONMENT.totp_issuer
    parameters = {
        "secret": base32(secret),
        "issuer": issuer,
        "algorithm": "SHA1",
        "digits": DIGITS,
        "period": STEP_SECONDS,
    }
    label = f"{quote(issuer, safe='')}:{quote(account, safe='@')}"
    return f"otpauth://totp/{label}?{urlencode(parameters, quote_via=quote)}"
