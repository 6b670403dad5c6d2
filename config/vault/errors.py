"""How the vault fails: closed. No text here ever holds a key, a plaintext or a ciphertext."""

from typing import Literal

from django.conf import settings

from config.http.problems import InternalError, UnavailableError

OpenFailure = Literal["empty", "malformed", "unknown_key", "other_subject", "destroyed", "refused"]


class VaultUnavailableError(UnavailableError):
    """The key management service does not answer or cannot be used, so no secret can be sealed or opened.

    Nothing was changed, and nothing is wrong with the secret. `Retry-After` says when trying again makes sense.
    """

    slug = "vault-unavailable"

    def __init__(self, reason: str = "") -> None:
        """`reason` is for logs and for people with a right to see them; the caller does not hear it."""
        retry_after = str(settings.ENVIRONMENT.kms_retry_after)
        super().__init__(headers={"Retry-After": retry_after})
        self.reason = reason

    def __str__(self) -> str:
        return self.reason or self.title


class OpenFailedError(InternalError):
    """A stored secret that this needs was altered, or put where it does not belong, and nothing falls back to another.

    Trying again does not help, and neither does a new login at a broker: our operators have been told. What the caller
    may send them is the `request_id`.
    """

    slug = "secret-unreadable"
    title = "A stored secret cannot be opened"

    def __init__(self, outcome: OpenFailure, *, place: str = "") -> None:
        """`outcome` is the reason, for operators: `empty` (nothing is sealed there), `malformed` (not an envelope),
        `unknown_key` (no such data key), `other_subject` (sealed for somebody else), `destroyed` (the key was
        shredded) or `refused` (altered, or moved here from another place). `place` names table, column and row.
        """
        super().__init__()
        self.outcome: OpenFailure = outcome
        self.place = place

    def __str__(self) -> str:
        return f"{self.place or 'a data key'} does not open: {self.outcome}"


class KeyDestroyedError(OpenFailedError):
    """What was sealed here is gone for good: its data key was destroyed on purpose."""

    def __init__(self, *, place: str = "") -> None:
        super().__init__("destroyed", place=place)


class LedgerRefusedError(ValueError):
    """A line of an erasure ledger is not as we wrote it."""

    def __init__(self, line: int) -> None:
        super().__init__(f"Line {line} of the ledger is not one that we wrote.")


class AlreadySealedError(ValueError):
    """An envelope was given where a plaintext belongs: nothing is sealed twice."""


class NotSealedError(ValueError):
    """Bytes that are no envelope were about to be stored in a sealed field."""
