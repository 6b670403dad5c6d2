"""The answers that `Idempotency-Key` replays, sealed: handed to `config.http`, which is a floor below."""

from collections.abc import Callable

from config.vault import alarms, data_keys, envelope
from config.vault.envelope import Envelope, Place
from config.vault.errors import OpenFailedError
from config.vault.subjects import KeySubject

SUBJECT = KeySubject("platform", "idempotent-answers")


class SealedAnswers:
    """A `config.http.idempotency.AnswerVault`. An answer opens in its own record alone."""

    def sealing(self) -> Callable[[str, bytes], bytes]:
        """Raises VaultUnavailableError."""
        key = data_keys.for_sealing(SUBJECT)

        def seal(record: str, answer: bytes) -> bytes:
            sealed = envelope.seal(answer, key=key.key, data_key_id=key.id, place=_place(record))
            return bytes(sealed)

        return seal

    def open(self, record: str, sealed: bytes) -> bytes:
        """Raises VaultUnavailableError, and OpenFailedError for whatever was not sealed for this record."""
        place = _place(record)
        try:
            parsed = Envelope.parse(sealed)
            return parsed.open(data_keys.for_opening(parsed.data_key_id, SUBJECT).key, place)
        except OpenFailedError as error:
            raise alarms.noted(error, place=str(place)) from None


def _place(record: str) -> Place:
    return Place(table="http_idempotencyrecord", column="body", row=record, subject=SUBJECT)
