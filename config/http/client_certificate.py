"""The certificate that a caller's TLS connection was made with, as a trusted proxy tells of it.

A proxy says it in one of three ways: the certificate itself as RFC 9440 writes it (`:base64 of DER:`) or as
percent-encoded PEM (nginx's `$ssl_client_escaped_cert`), or its SHA-256 in hexadecimal.
"""

import binascii
import re
from base64 import b64decode
from collections.abc import Iterable, Mapping
from ipaddress import IPv4Network, IPv6Network
from urllib.parse import unquote

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509 import load_der_x509_certificate, load_pem_x509_certificate

from config import base64url
from config.http.client_ip import comes_from

LONGEST = 16 * 1024
HEX_DIGEST = re.compile(r"[0-9a-fA-F]{64}")


def certificate_thumbprint(
    meta: Mapping[str, str], *, header: str | None, trusted: Iterable[IPv4Network | IPv6Network]
) -> str:
    """`x5t#S256` (RFC 8705 section 3.1) of the caller's certificate; empty when there is none.

    The header counts only when the connection comes straight from a proxy in `trusted`, which has to replace
    whatever its own caller wrote there. One that cannot be read counts as none.
    """
    if header is None or not comes_from(meta, trusted):
        return ""
    value = meta.get("HTTP_" + header.upper().replace("-", "_"), "").strip()
    digest = _digest(value) if 0 < len(value) <= LONGEST else None
    return "" if digest is None else encoded(digest)


def thumbprint_of_pem(pem: str) -> str:
    """The thumbprint of the one certificate in a PEM text. Raises ValueError."""
    return encoded(_digest_of_pem(pem))


def encoded(digest: bytes) -> str:
    """Base64url without padding: 43 characters for a SHA-256."""
    return base64url.encode(digest)


def _digest(value: str) -> bytes | None:
    try:
        if HEX_DIGEST.fullmatch(value):
            return bytes.fromhex(value)
        if value.startswith(":"):
            der = b64decode(value[1:-1], validate=True)
            return load_der_x509_certificate(der).fingerprint(SHA256())
        return _digest_of_pem(unquote(value))
    except (binascii.Error, ValueError):
        return None


def _digest_of_pem(pem: str) -> bytes:
    return load_pem_x509_certificate(pem.encode()).fingerprint(SHA256())
