"""What a key management service is to us: it wraps a data key and unwraps it again."""

from dataclasses import dataclass, field
from typing import ClassVar, Protocol


@dataclass(frozen=True, kw_only=True, slots=True)
class KEK:
    """A key-encryption key of a service. `version` counts its rotations where the service keeps one id over them and
    tells them apart; else it is 1.
    """

    provider: str
    id: str
    version: int


@dataclass(frozen=True, kw_only=True, slots=True)
class WrappedKey:
    """A data key under a KEK. Of no use without the service that holds the KEK."""

    kek: KEK
    ciphertext: bytes = field(repr=False)


class KeyProvider(Protocol):
    """One key management service. Implementations are safe to use from many threads.

    `context` is the canonical key subject: what was wrapped with one context unwraps with no other.
    """

    name: ClassVar[str]

    def current(self) -> KEK:
        """The KEK that wraps now. Raises VaultUnavailableError."""
        ...

    def wrap(self, key: bytes, *, context: str) -> WrappedKey:
        """Raises VaultUnavailableError."""
        ...

    def unwrap(self, wrapped: WrappedKey, *, context: str) -> bytes:
        """Raises VaultUnavailableError, also when the service does not hold that KEK;
        OpenFailedError when the bytes were altered or the context is another one.
        """
        ...

    def rewrap(self, wrapped: WrappedKey, *, context: str) -> WrappedKey:
        """The same data key under the current KEK; inside the service where it can do that. Raises as `unwrap`."""
        ...
