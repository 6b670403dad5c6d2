"""The keys that sign checkpoints: made, opened, published, replaced."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.utils import timezone

from audit.chain.checkpoint_models import CheckpointKey
from config import base64url
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
        jwk["kid"]: Ed25519PublicKey.from_public_bytes(base64url.decode(jwk["x"]))
        for jwk in published()
    }


def _make() -> CheckpointKey:
    private = Ed25519PrivateKey.generate()
    x = base64url.encode(private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))
    required = {"crv": "Ed25519", "kty": "OKP", "x": x}
    kid = base64url.thumbprint(required)
    row = CheckpointKey(
        id=new_uuid(), kid=kid, public_jwk=required | {"kid": kid, "alg": "EdDSA", "use": "sig"}
    )
    seal_field(row, "sealed_private_key", private.private_bytes_raw())
    row.save(force_insert=True)
    return row
