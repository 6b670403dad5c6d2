"""The keys that sign checkpoints: made, opened, published, replaced."""

import hashlib
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.utils import timezone

from audit.chain.checkpoint_models import CheckpointKey
from config.ids import new_uuid
from config.vault.sealing import open_field, seal_field


def signing_key() -> tuple[str, Ed25519PrivateKey]:
    """The `kid` and the private half of the active key; the first one is made now.

    For whoever holds the lock of the checkpoints. Raises VaultUnavailableError.
    """
    row = CheckpointKey.objects.active().first() or _make()
    return row.kid, Ed25519PrivateKey.from_private_bytes(open_field(row, "sealed_private_key"))


def replace() -> str:
    """Retire the active key, whose private half is destroyed, and make another; its `kid`."""
    now = timezone.now()
    CheckpointKey.objects.active().update(retired_at=now, sealed_private_key=None, updated_at=now)
    return _make().kid


def published() -> list[dict[str, str]]:
    """Every key that ever signed, as JWKs (RFC 8037): old checkpoints stay verifiable."""
    return [row.public_jwk for row in CheckpointKey.objects.all()]


def public_keys() -> dict[str, Ed25519PublicKey]:
    """The same to verify with, by `kid`."""
    return {
        jwk["kid"]: Ed25519PublicKey.from_public_bytes(_decode(jwk["x"])) for jwk in published()
    }


def encode(data: bytes) -> str:
    """Base64url without padding (RFC 7515 section 2)."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _make() -> CheckpointKey:
    private = Ed25519PrivateKey.generate()
    x = encode(private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))
    required = {"crv": "Ed25519", "kty": "OKP", "x": x}
    thumbprint = json.dumps(required, separators=(",", ":"), sort_keys=True)  # RFC 7638
    kid = encode(hashlib.sha256(thumbprint.encode()).digest())
    row = CheckpointKey(
        id=new_uuid(), kid=kid, public_jwk=required | {"kid": kid, "alg": "EdDSA", "use": "sig"}
    )
    seal_field(row, "sealed_private_key", private.private_bytes_raw())
    row.save(force_insert=True)
    return row
