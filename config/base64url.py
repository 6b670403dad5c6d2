"""Base64url without padding, as the standards of the web write bytes (RFC 7515 section 2)."""

import hashlib
import json
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Mapping


def encode(data: bytes) -> str:
    """43 characters for a SHA-256."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """Raises ValueError for what `encode` never made."""
    return b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def thumbprint(required: Mapping[str, str]) -> str:
    """The SHA-256 thumbprint of a JWK of which these are the required members and no others (RFC 7638)."""
    canonical = json.dumps(dict(required), separators=(",", ":"), sort_keys=True)
    return encode(hashlib.sha256(canonical.encode()).digest())
