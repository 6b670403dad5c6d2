"""The keys that sign checkpoints: made, opened, published, replaced."""

from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.utils import timezone

from audit.chain.checkpoint_models import CheckpointKey
from config import base64url
from config.ids import new_uuid
from config.vault.sealing import open_field, seal_field


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckpointSigner:
    """The active key with its private half: hold it no longer than the checkpoint that needs it."""

    kid: str
    private: Ed25519PrivateKey = field(repr=False)

    def sign(self, text: str) -> bytes:
        return self.private.sign(text.encode())

    def is_active(self) -> bool:
        """Whether nobody has replaced it meanwhile; for whoever holds the lock of the checkpoints."""
        return CheckpointKey.objects.active().filter(kid=self.kid).exists()


def signer() -> CheckpointSigner:
    """The active key; the first one is made now. To be asked for before any lock is taken, for the key service may take
    its time. Raises VaultUnavailableError.
    """
    row = CheckpointKey.objects.active().first() or _first()
    private = open_field(row, "sealed_private_key")
    return CheckpointSigner(kid=row.kid, private=Ed25519PrivateKey.from_private_bytes(private))


def prepared() -> CheckpointKey:
    """A new key, sealed and not saved. Raises VaultUnavailableError."""
    private = Ed25519PrivateKey.generate()
    x = base64url.encode(private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))
    required = {"crv": "Ed25519", "kty": "OKP", "x": x}
    kid = base64url.thumbprint(required)
    row = CheckpointKey(
        id=new_uuid(), kid=kid, public_jwk=required | {"kid": kid, "alg": "EdDSA", "use": "sig"}
    )
    seal_field(row, "sealed_private_key", private.private_bytes_raw())
    return row


def replace(new: CheckpointKey) -> None:
    """Retire the active key, whose private half is destroyed, for a prepared one."""
    now = timezone.now()
    CheckpointKey.objects.active().update(retired_at=now, sealed_private_key=None, updated_at=now)
    new.save(force_insert=True)


def published() -> list[dict[str, str]]:
    """Every key that ever signed, as JWKs (RFC 8037): old checkpoints stay verifiable."""
    return [row.public_jwk for row in CheckpointKey.objects.all()]


def public_keys() -> dict[str, Ed25519PublicKey]:
    """The same to verify with, by `kid`."""
    return {
        jwk["kid"]: Ed25519PublicKey.from_public_bytes(base64url.decode(jwk["x"]))
        for jwk in published()
    }


def _first() -> CheckpointKey:
    """Of several that are made at once one is kept."""
    CheckpointKey.objects.bulk_create([prepared()], ignore_conflicts=True)
    return CheckpointKey.objects.active().get()
