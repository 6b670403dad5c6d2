"""An OpenID provider that answers what a test wants it to, over HTTP, in the place of Google."""

import json
import secrets
import threading
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from django.test import Client

from config.telemetry import planted_secrets

CLIENT_ID = "gatehouse-at-the-provider"
CLIENT_SECRET = "the secret between us and the provider"
planted_secrets.add(CLIENT_SECRET)


@dataclass
class Person:
    """Who somebody is there. What is in `id_token` and `userinfo` replaces or, being None, removes claims."""

    email: str = "asha@example.com"
    subject: str = ""
    email_verified: Any = True
    name: str = "Asha Rao"
    id_token: dict[str, Any] = field(default_factory=dict)
    userinfo: dict[str, Any] = field(default_factory=dict)
    without_id_token: bool = False

    def claims(self) -> dict[str, Any]:
        return {
            "sub": self.subject or f"sub-{self.email}",
            "email": self.email,
            "email_verified": self.email_verified,
            "name": self.name,
        }


class Provider:
    """The running provider: `issuer` is its address."""

    def __init__(self) -> None:
        self.key = generate_private_key(public_exponent=65537, key_size=2048)
        self.granted: dict[str, tuple[Person, dict[str, str]]] = {}
        self.tokens: dict[str, Person] = {}
        self.refused: list[str] = []
        self.metadata: dict[str, Any] = {}  # what of its metadata is otherwise than it should be
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(self))
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"

    def authorize(self, url: str, person: Person) -> dict[str, str]:
        """The person signs in there: what the browser brings back to the callback."""
        asked = dict(parse_qsl(urlsplit(url).query))
        code = secrets.token_urlsafe(16)
        planted_secrets.add(code)
        self.granted[code] = (person, asked)
        return {"code": code, "state": asked["state"]}

    def token(self, form: dict[str, str]) -> dict[str, Any] | None:
        """The token endpoint; None refuses. The code is for the client, redirect URI and verifier that began."""
        person, asked = self.granted.pop(form.get("code", ""), (None, {}))
        challenge = urlsafe_b64encode(sha256(form.get("code_verifier", "").encode()).digest())
        if person is None or (
            form.get("client_id"),
            form.get("client_secret"),
            form.get("redirect_uri"),
            challenge.rstrip(b"=").decode(),
        ) != (CLIENT_ID, CLIENT_SECRET, asked["redirect_uri"], asked.get("code_challenge")):
            self.refused.append(form.get("code", ""))
            return None
        access_token = secrets.token_urlsafe(16)
        self.tokens[access_token] = person
        answer = {"access_token": access_token, "token_type": "Bearer", "expires_in": 60}
        return answer if person.without_id_token else answer | {"id_token": self._id_token(person)}

    def _id_token(self, person: Person) -> str:
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 60}
        return jwt.encode(_changed(claims | person.claims(), person.id_token), self.key, "RS256")

    def userinfo(self, access_token: str) -> dict[str, Any]:
        person = self.tokens[access_token]
        return _changed(person.claims(), person.userinfo)


def _changed(claims: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in (claims | changes).items() if value is not None}


def _handler_of(provider: Provider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/.well-known/openid-configuration":
                base = provider.issuer
                document = {
                    "issuer": base,
                    "authorization_endpoint": f"{base}/authorize",
                    "token_endpoint": f"{base}/token",
                    "userinfo_endpoint": f"{base}/userinfo",
                    "jwks_uri": f"{base}/jwks",
                    "token_endpoint_auth_methods_supported": ["client_secret_post"],
                }
                self._answer(document | provider.metadata)
            else:
                token = self.headers["Authorization"].removeprefix("Bearer ")
                self._answer(provider.userinfo(token))

        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            form = {k: v[0] for k, v in parse_qs(self.rfile.read(length).decode()).items()}
            answer = provider.token(form)
            self._answer(answer or {"error": "invalid_grant"}, 200 if answer else 400)

        def _answer(self, document: dict[str, Any], status: int = 200) -> None:
            body = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name it has there
            """Nothing on the test's output."""

    return Handler


@contextmanager
def running() -> Iterator[Provider]:
    provider = Provider()
    thread = threading.Thread(target=provider.server.serve_forever, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        provider.server.shutdown()
        provider.server.server_close()
        thread.join()


def onward(answer: Any) -> str:
    """Where a page that goes on elsewhere leads."""
    assert answer.status_code == 200, answer.content
    url: str = answer["Refresh"].removeprefix("0; url=")
    return url


@dataclass
class AtProvider:
    """Signing in with the provider, as a browser does it."""

    provider: Provider

    def begin(self, browser: Client, **form: str) -> str:
        """From the button to the provider's authorization endpoint."""
        return onward(browser.post("/accounts/sign-in/with/google", form))

    def come_back(self, browser: Client, answer: dict[str, str]) -> Any:
        return browser.get("/accounts/oidc/google/callback", answer)

    def sign_in(self, browser: Client, person: Person, **form: str) -> Any:
        """All of it; the answer is what the browser sees when it has come back."""
        return self.come_back(browser, self.provider.authorize(self.begin(browser, **form), person))
