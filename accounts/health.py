"""This app's health probe."""

from collections.abc import Mapping
from typing import Any

from accounts.services import access_tokens


def signing_key() -> Mapping[str, Any]:
    """Can a token be signed? Raises NoSigningKeyError, VaultUnavailableError or OpenFailedError when not."""
    return {"kid": access_tokens.signing_kid()}
