"""How we are known to a Vault or OpenBao server: a token, a file with one, or an AppRole."""

import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from config.vault.errors import VaultUnavailableError


class TokenSource(Protocol):
    """Where a token comes from. Called again when the last one is refused; raises VaultUnavailableError."""

    def __call__(self, server: "Server") -> str: ...

    def __hash__(self) -> int: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Server:
    """Where it is and how long we wait for it."""

    address: str
    namespace: str | None
    certificates: Path | None
    timeout: float

    def client(self, token: str) -> Any:
        """An hvac client with nothing of the process's environment in it: no token from a home folder, no proxy, and
        no redirect that would carry the token elsewhere.
        """
        from hvac import Client  # noqa: PLC0415 - whoever uses another provider does without it

        client = Client(
            url=self.address,
            token=token,
            namespace=self.namespace,
            verify=str(self.certificates) if self.certificates else True,
            timeout=self.timeout,
            allow_redirects=False,
        )
        client.adapter.session.trust_env = False
        return client


@dataclass(frozen=True, slots=True)
class GivenToken:
    value: str = field(repr=False)

    def __call__(self, server: Server) -> str:
        return self.value


@dataclass(frozen=True, slots=True)
class TokenFile:
    """An agent renews what is in it."""

    path: Path

    def __call__(self, server: Server) -> str:
        try:
            return self.path.read_text().strip()
        except (OSError, UnicodeDecodeError):
            raise VaultUnavailableError("VAULT_TOKEN_FILE cannot be read.") from None


@dataclass(frozen=True, slots=True)
class AppRole:
    role_id: str
    secret_id: str = field(repr=False)

    def __call__(self, server: Server) -> str:
        from hvac.exceptions import VaultError  # noqa: PLC0415

        try:
            answer = server.client("").auth.approle.login(
                role_id=self.role_id, secret_id=self.secret_id
            )
            return str(answer["auth"]["client_token"])
        except (VaultError, OSError, KeyError, TypeError, ValueError) as error:
            raise VaultUnavailableError(
                f"The vault server does not log us in: {type(error).__name__}."
            ) from None


class Login:
    """The token in use and a client for it, shared by the threads of a process."""

    def __init__(self, server: Server, source: TokenSource) -> None:
        self._server = server
        self._source = source
        self._lock = threading.Lock()
        self._token = ""
        self._client: Any = None

    def token(self) -> str:
        with self._lock:
            return self._token or self._replace()

    def renewed(self, refused: str) -> str:
        """Another token than the `refused` one, if there is one by now. Of many threads one fetches it."""
        with self._lock:
            return self._replace() if self._token == refused else self._token

    def transit(self, token: str) -> Any:
        """The engine's API with `token`."""
        with self._lock:
            if self._client is None or self._client.token != token:
                self._client = self._server.client(token)
            return self._client.secrets.transit

    def _replace(self) -> str:
        self._token = self._source(self._server)
        return self._token
