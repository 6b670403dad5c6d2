"""The transit engine of HashiCorp Vault as its API documentation tells of it, on a socket: real AES-256-GCM, keys with
versions, derived per context, tokens that end, and a server that can be sealed.

https://developer.hashicorp.com/vault/api-docs/secret/transit
"""

import json
import os
import threading
import time
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE = 12


class RefusalError(Exception):
    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass
class TransitKey:
    derived: bool = True
    versions: list[bytes] = field(default_factory=lambda: [os.urandom(32)])
    oldest_allowed: int = 1

    def rotate(self) -> None:
        self.versions.append(os.urandom(32))

    def encrypt(self, plaintext: bytes, context: bytes) -> str:
        version, nonce = len(self.versions), os.urandom(NONCE)
        sealed = self._cipher(version, context).encrypt(nonce, plaintext, None)
        return f"vault:v{version}:{b64encode(nonce + sealed).decode()}"

    def decrypt(self, ciphertext: str, context: bytes) -> bytes:
        prefix, marked, encoded = (*ciphertext.split(":", 2), "", "")[:3]
        if prefix != "vault" or not marked.startswith("v"):
            raise RefusalError(400, "invalid ciphertext: no prefix")
        version = int(marked[1:])
        if version > len(self.versions):
            raise RefusalError(400, "invalid ciphertext: version is too new")
        if version < self.oldest_allowed:
            raise RefusalError(
                400, "ciphertext or signature version is disallowed by policy (too old)"
            )
        data = b64decode(encoded)
        try:
            return self._cipher(version, context).decrypt(data[:NONCE], data[NONCE:], None)
        except (InvalidTag, ValueError):
            raise RefusalError(400, "cipher: message authentication failed") from None

    def _cipher(self, version: int, context: bytes) -> AESGCM:
        key = self.versions[version - 1]
        if not self.derived:  # as the engine does: the context is ignored
            return AESGCM(key)
        if not context:
            raise RefusalError(400, "missing 'context' for key derivation")
        return AESGCM(HKDF(algorithm=SHA256(), length=32, salt=None, info=context).derive(key))


class TransitServer:
    """`with TransitServer() as server:` listens at `server.url`; `token` is good until `end_tokens`."""

    MOUNT, ROLE_ID, SECRET_ID = "transit", "gatehouse-role", "s3cret-id-of-the-approle"

    def __init__(self) -> None:
        self.reset()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_port}"

    def reset(self) -> None:
        self.keys = {"gatehouse": TransitKey()}
        self.token = f"hvs.{uuid4().hex}"
        self.tokens = {self.token}
        self.namespace = ""
        self.sealed = False
        self.failing: list[int] = []  # statuses of the next answers
        self.delay = 0.0
        self.journal: list[str] = []
        self.on_request: Callable[[str], None] = lambda _: None

    def end_tokens(self) -> None:
        self.tokens.clear()

    def new_token(self) -> str:
        self.token = f"hvs.{uuid4().hex}"
        self.tokens.add(self.token)
        return self.token

    def __enter__(self) -> Self:
        self._serve()
        return self

    def _serve(self) -> None:
        threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()

    def leave(self) -> None:
        """Nobody listens any more. Connections that are open stay so, and hear that the server is sealed."""
        self.sealed = True
        self._http.shutdown()
        self._http.server_close()

    def come_back(self) -> None:
        """At the same address, with the same keys."""
        self.sealed = False
        port = int(self.url.rpartition(":")[2])
        self._http = ThreadingHTTPServer(("127.0.0.1", port), self._handler())
        self._http.daemon_threads = True
        self._serve()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._http.shutdown()
        self._http.server_close()

    def answer(self, path: str, body: dict[str, Any], headers: Any) -> dict[str, Any]:
        """The body of a good answer. Raises RefusalError."""
        self.journal.append(path)
        self.on_request(path)
        time.sleep(self.delay)
        if self.failing:
            raise RefusalError(self.failing.pop(0), "no")
        if self.sealed:
            raise RefusalError(503, "Vault is sealed")
        if (headers.get("X-Vault-Namespace") or "") != self.namespace:
            raise RefusalError(403, "permission denied")
        if path == "/v1/auth/approle/login":
            if (body["role_id"], body["secret_id"]) != (self.ROLE_ID, self.SECRET_ID):
                raise RefusalError(400, "invalid role or secret ID")
            return {"auth": {"client_token": self.new_token()}}
        if headers.get("X-Vault-Token") not in self.tokens:
            raise RefusalError(403, "permission denied")
        return {"data": self._transit(path, body)}

    def _transit(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        parts = path.removeprefix(f"/v1/{self.MOUNT}/").split("/")
        operation, name = parts if len(parts) == len(("operation", "name")) else ("", "")
        key = self.keys.get(name)
        if key is None:
            raise RefusalError(404 if operation == "keys" else 400, "encryption key not found")
        context = b64decode(body.get("context", ""))
        match operation:
            case "keys":
                return {"derived": key.derived, "latest_version": len(key.versions), "name": name}
            case "encrypt":
                return {"ciphertext": key.encrypt(b64decode(body["plaintext"]), context)}
            case "decrypt":
                plaintext = key.decrypt(body["ciphertext"], context)
                return {"plaintext": b64encode(plaintext).decode()}
            case "rewrap":
                plaintext = key.decrypt(body["ciphertext"], context)
                return {"ciphertext": key.encrypt(plaintext, context)}
        raise RefusalError(404, "unsupported path")

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self._answer({})

            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                self._answer(json.loads(self.rfile.read(length) or "{}"))

            def _answer(self, body: dict[str, Any]) -> None:
                try:
                    status, answer = 200, server.answer(self.path, body, self.headers)
                except RefusalError as refusal:
                    status, answer = refusal.status, {"errors": [str(refusal)]}
                data = json.dumps(answer).encode()
                try:
                    self.send_response(status)
                    self.send_header("Content-Type", "application/json")
                    self.send_header("Content-Length", str(len(data)))
                    self.end_headers()
                    self.wfile.write(data)
                except OSError:
                    self.close_connection = True  # whoever asked has gone

            def log_message(self, *_: object) -> None:
                pass

        return Handler
