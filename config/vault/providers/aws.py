"""AWS KMS: the KEK never leaves it, and the data key's subject is the encryption context.

The library is imported when the first client is made: whoever uses another provider does without it.
"""

import threading
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from config.vault.errors import OpenFailedError, VaultUnavailableError
from config.vault.providers.base import KEK, WrappedKey

if TYPE_CHECKING:
    from types_boto3_kms import KMSClient

# What KMS answers when the ciphertext or its context is not what it made; anything else may pass by itself.
REFUSALS = frozenset({"InvalidCiphertextException", "IncorrectKeyException"})
_making = threading.Lock()  # boto3's sessions may not be made by two threads at once


class AWSProvider:
    """Encrypt, Decrypt and ReEncrypt under a symmetric KMS key.

    A KEK's id is the ARN of the key that KMS used, so an alias may move to another key. KMS rotates the material of
    one key by itself, keeps all of it and tells nobody apart: `version` is always 1.
    """

    name: ClassVar[str] = "aws"

    def __init__(
        self,
        *,
        key_id: str,
        region: str | None,
        endpoint_url: str | None,
        timeout: float,
        attempts: int,
    ) -> None:
        self._key_id = key_id
        self._region = region
        self._endpoint_url = endpoint_url
        self._timeout = timeout
        self._attempts = attempts

    def current(self) -> KEK:
        key = self._asked(lambda: self._client.describe_key(KeyId=self._key_id))["KeyMetadata"]
        if key["KeyState"] != "Enabled":
            raise VaultUnavailableError(f"The KMS key is {key['KeyState']}.")
        return _kek(key["Arn"])

    def wrap(self, key: bytes, *, context: str) -> WrappedKey:
        return _wrapped(
            self._asked(
                lambda: self._client.encrypt(
                    KeyId=self._key_id, Plaintext=key, EncryptionContext=_bound_to(context)
                )
            )
        )

    def unwrap(self, wrapped: WrappedKey, *, context: str) -> bytes:
        answer = self._asked(
            lambda: self._client.decrypt(
                KeyId=wrapped.kek.id,
                CiphertextBlob=wrapped.ciphertext,
                EncryptionContext=_bound_to(context),
            )
        )
        return bytes(answer["Plaintext"])

    def rewrap(self, wrapped: WrappedKey, *, context: str) -> WrappedKey:
        return _wrapped(
            self._asked(
                lambda: self._client.re_encrypt(
                    CiphertextBlob=wrapped.ciphertext,
                    SourceKeyId=wrapped.kek.id,
                    SourceEncryptionContext=_bound_to(context),
                    DestinationKeyId=self._key_id,
                    DestinationEncryptionContext=_bound_to(context),
                )
            )
        )

    @cached_property
    def _client(self) -> "KMSClient":
        from boto3.session import Session  # noqa: PLC0415 - see the head of this file
        from botocore.config import Config  # noqa: PLC0415

        config = Config(
            connect_timeout=self._timeout,
            read_timeout=self._timeout,
            retries={"mode": "standard", "total_max_attempts": self._attempts},
        )
        with _making:
            return Session().client(
                "kms", region_name=self._region, endpoint_url=self._endpoint_url, config=config
            )

    def _asked(self, ask: Callable[[], Any]) -> Any:
        """The answer; no text of AWS's gets into an error, for it may name what is none of the reader's business."""
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

        try:
            return ask()
        except ClientError as error:
            code = str(error.response.get("Error", {}).get("Code", ""))
            if code in REFUSALS:
                raise OpenFailedError("refused") from None
            raise VaultUnavailableError(f"KMS answered {code or 'with an error'}.") from None
        except BotoCoreError as error:
            raise VaultUnavailableError(f"KMS: {type(error).__name__}.") from None


def _bound_to(context: str) -> dict[str, str]:
    return {"subject": context}


def _kek(arn: str) -> KEK:
    return KEK(provider=AWSProvider.name, id=arn, version=1)


def _wrapped(answer: Any) -> WrappedKey:
    return WrappedKey(kek=_kek(answer["KeyId"]), ciphertext=bytes(answer["CiphertextBlob"]))
