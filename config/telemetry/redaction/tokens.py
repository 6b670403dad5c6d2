"""Runs of characters that only a machine makes: JWTs, API keys, hashes, TOTP secrets, refresh tokens."""

import re

from config.telemetry.redaction.keys import REDACTED

SHORTEST_RUN = 16  # characters of 80 bits in base32
SHORTEST_KEY = 32  # characters of a 128-bit key in hex
REFRESH_TOKEN = 43  # characters of 256 bits in base64url

_OUR_KEY = re.compile(r"gh_pat_[A-Za-z0-9_-]++")
_RUN = re.compile(r"(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{16,}+(?:\.[A-Za-z0-9_-]*+)*+")
_BASE64_KEY = re.compile(  # 32 or 64 bytes with padding
    r"(?<![A-Za-z0-9+/_=-])(?:[A-Za-z0-9+/_-]{86}==|[A-Za-z0-9+/_-]{43}=)(?![A-Za-z0-9+/_=-])"
)
_JWT_START = re.compile(r"(?:^|[^A-Za-z])eyJ")  # base64url of `{"`
_BASE32 = re.compile(r"[A-Z2-7]{16,}")
_HEX = re.compile(r"[0-9a-fA-F]+")
_SEPARATORS = re.compile(r"[_-]+")

_LOWER, _UPPER, _DIGIT = re.compile(r"[a-z]"), re.compile(r"[A-Z]"), re.compile(r"[0-9]")


def redact_tokens(text: str) -> str:
    """`text` without what looks like a token or key."""
    if "gh_pat_" in text:
        text = _OUR_KEY.sub(REDACTED, text)
    if len(text) < SHORTEST_RUN:
        return text
    if "=" in text:
        text = _BASE64_KEY.sub(REDACTED, text)
    return _RUN.sub(_judge, text)


def _judge(run: re.Match[str]) -> str:
    parts = run[0].split(".")
    for index, part in enumerate(parts[:-1]):
        if _JWT_START.search(part):
            parts[index:] = [REDACTED]
            break
    return ".".join(REDACTED if _is_token(part) else part for part in parts)


def _is_token(part: str) -> bool:
    if len(part) < SHORTEST_RUN:
        return False
    if any(map(_is_key, _SEPARATORS.split(part))):
        return True
    if len(part) < SHORTEST_KEY:
        return False
    mixed = bool(_LOWER.search(part) and _UPPER.search(part))
    return mixed and (len(part) == REFRESH_TOKEN or _DIGIT.search(part) is not None)


def _is_key(word: str) -> bool:
    """Letters and digits without a separator: base32 of 80 bits or more, or 32 characters and more of a key."""
    if _BASE32.fullmatch(word):
        return True
    return len(word) >= SHORTEST_KEY and (
        _HEX.fullmatch(word) is not None or _DIGIT.search(word) is not None
    )
