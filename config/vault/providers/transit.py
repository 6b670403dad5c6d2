"""The transit engine of HashiCorp Vault and OpenBao.

The data key's subject is the `context` of a derived key: each subject has a KEK of its own, derived inside the
server, and what was wrapped for one does not unwrap for another. `associated_data` would bind it as well, but
`rewrap` does not take that. A key that is not derived ignores the context without a word, so it is refused here.
"""

import re
import time
from base64 import b64decode, b64encode
from collections.abc import Callable
from typing import Any, ClassVar

from config.vault.errors import OpenFailedError, VaultUnavailableError
from config.vault.providers.base import KEK, WrappedKey
from config.vault.providers.transit_login import Login

# What the engine says of a ciphertext that it did not make, or not for this context. Everything else may pass.
REFUSALS = ("message authentication failed", "invalid ciphertext")
TOO_NEW = "version is too new"  # the server lost versions of the key: no fault of the ciphertext
CIPHERTEXT = re.compile(rb"vault:v([1-9][0-9]{0,8}):[A-Za-z0-9+/]+=*")
PAUSE = 0.05  # seconds before a request is sent again


class TransitProvider:
    """Encrypt, decrypt and rewrap under one named key. A KEK's id is `mount/key`, its version the key's."""

    name: ClassVar[str] = "vault"

    def __init__(self, *, login: Login, mount: str, key: str, attempts: int) -> None:
        self._login = login
        self._mount = mount
        self._key = key
        self._attempts = attempts
        self._known_to_be_derived = False

    def current(self) -> KEK:
        key = self._asked(lambda transit: transit.read_key(name=self._key, mount_point=self._mount))
        if key.get("derived") is not True:
            raise VaultUnavailableError(
                "The transit key was not made with derived=true, so it binds nothing to its subject."
            )
        self._known_to_be_derived = True
        return self._kek(int(key["latest_version"]))

    def wrap(self, key: bytes, *, context: str) -> WrappedKey:
        if not self._known_to_be_derived:
            self.current()
        plaintext = b64encode(key).decode()
        return self._wrapped(
            self._asked(
                lambda transit: transit.encrypt_data(
                    name=self._key,
                    plaintext=plaintext,
                    context=_encoded(context),
                    mount_point=self._mount,
                )
            )
        )

    def unwrap(self, wrapped: WrappedKey, *, context: str) -> bytes:
        mount, key = _named(wrapped.kek)
        answer = self._asked(
            lambda transit: transit.decrypt_data(
                name=key,
                ciphertext=_text(wrapped.ciphertext),
                context=_encoded(context),
                mount_point=mount,
            )
        )
        return b64decode(answer["plaintext"])

    def rewrap(self, wrapped: WrappedKey, *, context: str) -> WrappedKey:
        if wrapped.kek.id != self._kek(1).id:
            return self.wrap(self.unwrap(wrapped, context=context), context=context)
        return self._wrapped(
            self._asked(
                lambda transit: transit.rewrap_data(
                    name=self._key,
                    ciphertext=_text(wrapped.ciphertext),
                    context=_encoded(context),
                    mount_point=self._mount,
                )
            )
        )

    def _asked(self, ask: Callable[[Any], Any]) -> Any:
        """The `data` of the answer. A token that is refused is replaced once; a server that is away is asked again."""
        from hvac import exceptions  # noqa: PLC0415 - whoever uses another provider does without it

        away = (
            exceptions.VaultDown,
            exceptions.BadGateway,
            exceptions.InternalServerError,
            exceptions.RateLimitExceeded,
            OSError,  # requests' own errors are these
        )
        used = self._login.token()
        for attempt in range(1, self._attempts + 1):
            try:
                return _data(ask(self._login.transit(used)))
            except (exceptions.Forbidden, exceptions.Unauthorized):
                fresh = self._login.renewed(used)
                if fresh == used or attempt == self._attempts:
                    raise VaultUnavailableError("The vault server refuses our token.") from None
                used = fresh
            except away as error:
                if attempt == self._attempts:
                    raise VaultUnavailableError(
                        f"The vault server: {type(error).__name__}."
                    ) from None
                time.sleep(PAUSE)
            except exceptions.VaultError as error:
                raise _meaning(error) from None
        raise VaultUnavailableError

    def _kek(self, version: int) -> KEK:
        return KEK(provider=self.name, id=f"{self._mount}/{self._key}", version=version)

    def _wrapped(self, answer: Any) -> WrappedKey:
        ciphertext = str(answer["ciphertext"]).encode()
        match = CIPHERTEXT.fullmatch(ciphertext)
        if match is None:
            raise VaultUnavailableError("The vault server answered with something else.")
        return WrappedKey(kek=self._kek(int(match[1])), ciphertext=ciphertext)


def _data(answer: Any) -> Any:
    """hvac hands out a `Response` where the server's answer is not JSON or not 200."""
    if not isinstance(answer, dict) or not isinstance(answer.get("data"), dict):
        raise VaultUnavailableError("The vault server answered with something else.")
    return answer["data"]


def _meaning(error: Any) -> OpenFailedError | VaultUnavailableError:
    said = " ".join(error.errors or ()) if isinstance(error.errors, list) else ""
    if TOO_NEW not in said and any(refusal in said for refusal in REFUSALS):
        return OpenFailedError("refused")
    return VaultUnavailableError(f"The vault server: {type(error).__name__}.")


def _named(kek: KEK) -> tuple[str, str]:
    mount, _, key = kek.id.rpartition("/")
    return mount, key


def _text(ciphertext: bytes) -> str:
    """Raises OpenFailedError for what transit never made."""
    if CIPHERTEXT.fullmatch(ciphertext) is None:
        raise OpenFailedError("refused")
    return ciphertext.decode()


def _encoded(context: str) -> str:
    return b64encode(context.encode()).decode()
