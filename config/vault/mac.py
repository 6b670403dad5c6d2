"""Keyed hashes: for values that must be found or compared and not read back."""

import hashlib
import hmac
from collections.abc import Callable
from functools import lru_cache
from uuid import UUID

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from config.vault import alarms, data_keys
from config.vault.errors import OpenFailedError
from config.vault.subjects import KeySubject

# A key of its own: nothing is ever sealed under it, so one key serves one algorithm.
SUBJECT = KeySubject("platform", "keyed-hash")


def keyed_hash(purpose: str, data: bytes) -> bytes:
    """HMAC-SHA256 (RFC 2104) of `data`, 32 bytes, under a key that HKDF (RFC 5869) derives for `purpose`.

    The same everywhere and always; without the vault nobody can make or test one. Hashes of two purposes have
    nothing in common. Compare them with `hmac.compare_digest`. Raises VaultUnavailableError; ValueError for no purpose.
    """
    return keyed_hasher(purpose)(data)


def keyed_hasher(purpose: str) -> Callable[[bytes], bytes]:
    """`keyed_hash` for many data at once: the key is opened once. Hold it no longer than the call that needs it."""
    (hasher,) = keyed_hashers(purpose)
    return hasher


def keyed_hashers(*purposes: str) -> tuple[Callable[[bytes], bytes], ...]:
    """One for each purpose, and the key opened once for all of them."""
    if not all(purposes):
        raise ValueError("a keyed hash needs a purpose")
    root = _root(data_keys.id_for_sealing(SUBJECT))
    return tuple(_hasher(root, purpose) for purpose in purposes)


@lru_cache(maxsize=1)
def _root(key_id: UUID) -> bytes:
    """A process keeps it as it keeps the keys that sign, for as long as it runs: sign-ins and refreshes go on while the
    key service is away.
    """
    try:
        return data_keys.for_opening(key_id, SUBJECT).key
    except OpenFailedError as error:
        raise alarms.noted(error, place="the key of keyed hashes") from None


def _hasher(root: bytes, purpose: str) -> Callable[[bytes], bytes]:
    key = HKDF(
        algorithm=SHA256(), length=32, salt=None, info=b"keyed hash:" + purpose.encode()
    ).derive(root)
    return lambda data: hmac.digest(key, data, hashlib.sha256)
