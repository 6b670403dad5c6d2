"""What a key management service is to us: it wraps a data key and unwraps it again."""

from dataclasses import dataclass, field
from typing import ClassVar, Protocol


@dataclass(frozen=True, kw_only=True, slots=True)
class WrappedKey:
    """A data key under a key-encryption key (KEK). Of no use without the service that holds the KEK.

    `kek_version` counts the rotations of one KEK, where the service keeps one id over them; else it is 1.
    """

    kek_id: str
    kek_version: int
    ciphertext: bytes = field(repr=False)


class KeyProvider(Protocol):
    """One key management service. Implementations are safe to use from many threads.

    `context` is the canonical key subject: what was wrapped with one context unwraps with no other.
    """

    name: ClassVar[str]

    def wrap(self, key: bytes, *, context: str) -> WrappedKey:
        """Raises VaultUnavailableError."""
        ...

    def unwrap(self, wrapped: WrappedKey, *, context: str) -> bytes:
        """Raises VaultUnavailableError, also when the service does not hold that KEK;
        OpenFailedError when the bytes were altered or the context is another one.
        """
        ...
