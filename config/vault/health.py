"""The vault's health probe."""

import hmac
import os

from config.vault import kms
from config.vault.errors import VaultUnavailableError
from config.vault.subjects import KeySubject

_SUBJECT = KeySubject("platform", "health-probe")


def round_trip() -> None:
    """Wrap a throw-away key and unwrap it. Raises VaultUnavailableError or OpenFailedError when that fails."""
    key = os.urandom(32)
    wrapped = kms.wrap(key, subject=_SUBJECT)
    if not hmac.compare_digest(kms.unwrap(wrapped, subject=_SUBJECT), key):
        raise VaultUnavailableError("The key management service returned another key.")
