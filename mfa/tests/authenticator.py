"""An authenticator in software: Web Authentication Level 3, sections 6.3.2 and 6.3.3, with keys of ES256."""

import hashlib
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import encode_cbor

PRESENT, VERIFIED, ELIGIBLE, ATTESTED = 0x01, 0x04, 0x08, 0x40
ORIGIN = "http://localhost:8000"


def base64url(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def from_base64url(text: str) -> bytes:
    return urlsafe_b64decode(text + "===")


@dataclass
class Authenticator:
    """`count` is how often it has signed; None for one that does not count. The rest is what it would do wrong."""

    origin: str = ORIGIN
    rp_id: str = "localhost"
    count: int | None = 0
    synced: bool = False
    verifies: bool = True
    cross_origin: bool = False
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    handle: bytes = b""
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    def create(self, options: dict[str, Any]) -> dict[str, Any]:
        """What `navigator.credentials.create` gives for these options, as JSON."""
        self.handle = from_base64url(options["user"]["id"])
        length = len(self.credential_id).to_bytes(2, "big")
        attested = bytes(16) + length + self.credential_id + self._public_key()
        statement = {"fmt": "none", "attStmt": {}, "authData": self._data(ATTESTED) + attested}
        return self._credential(
            {
                "clientDataJSON": base64url(self._client_data("webauthn.create", options)),
                "attestationObject": base64url(encode_cbor(statement)),
                "transports": ["internal", "from-the-future"],
            }
        )

    def get(self, options: dict[str, Any]) -> dict[str, Any]:
        """What `navigator.credentials.get` gives for these options, as JSON."""
        if self.count is not None:
            self.count += 1
        client_data = self._client_data("webauthn.get", options)
        data = self._data()
        signed = data + hashlib.sha256(client_data).digest()
        return self._credential(
            {
                "clientDataJSON": base64url(client_data),
                "authenticatorData": base64url(data),
                "signature": base64url(self.key.sign(signed, ec.ECDSA(SHA256()))),
                "userHandle": base64url(self.handle),
            }
        )

    def _credential(self, response: dict[str, Any]) -> dict[str, Any]:
        return {
            "id": base64url(self.credential_id),
            "rawId": base64url(self.credential_id),
            "type": "public-key",
            "clientExtensionResults": {},
            "authenticatorAttachment": "platform",
            "response": response,
        }

    def _client_data(self, kind: str, options: dict[str, Any]) -> bytes:
        client_data = {
            "type": kind,
            "challenge": options["challenge"],
            "origin": self.origin,
            "crossOrigin": self.cross_origin,
        }
        return json.dumps(client_data).encode()

    def _data(self, more: int = 0) -> bytes:
        flags = PRESENT | more | VERIFIED * self.verifies | ELIGIBLE * self.synced
        count = (self.count or 0).to_bytes(4, "big")
        return hashlib.sha256(self.rp_id.encode()).digest() + bytes([flags]) + count

    def _public_key(self) -> bytes:
        numbers = self.key.public_key().public_numbers()
        x, y = (number.to_bytes(32, "big") for number in (numbers.x, numbers.y))
        key: bytes = encode_cbor({1: 2, 3: -7, -1: 1, -2: x, -3: y})
        return key
