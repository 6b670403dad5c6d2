"""An administrator who signs in over HTTP with a password and an authenticator app, as the API wants it."""

import base64
import json
import threading
import time
from http.client import HTTPConnection
from typing import Any

from django_otp.oath import TOTP

from tests.proofs.served import Served

PASSWORD = "an administrator of a proof"
STEP = 30  # seconds that a code lives
RENEW = 180  # seconds for which a proven second factor is used

MAKE = """
from accounts.services.registration import create_active
create_active(email={email!r}, name="Proof", password={password!r}, roles=("admin",), reason="proof")
"""


class Administrator:
    """Sends requests with a fresh second factor. Use it from one thread, and `bearer` from any."""

    def __init__(self, stack: Served, email: str = "administrator@proof.example") -> None:
        self._port = stack.port
        stack.manage("shell", "--no-imports", "-c", MAKE.format(email=email, password=PASSWORD))
        self._lock = threading.Lock()
        session = self._post("/v1/auth/login", {"email": email, "password": PASSWORD})
        token = session["access_token"]
        enrolment = self._post("/v1/mfa/totp/enroll", {}, token)
        self._key = base64.b32decode(enrolment["secret"])
        self._last_step = 0
        self._post("/v1/mfa/totp/confirm", {"code": self._code()}, token)
        self._plain_token, self._proven_until = token, 0.0
        self._token = ""

    def bearer(self) -> str:
        """An access token that proves a second factor of the last minutes."""
        with self._lock:
            if time.monotonic() > self._proven_until:
                stepped = self._post("/v1/auth/step-up", {"code": self._code()}, self._plain_token)
                self._token = self._plain_token = stepped["access_token"]
                self._proven_until = time.monotonic() + RENEW
            return self._token

    def _code(self) -> str:
        """A code of a step that was not used yet (RFC 6238); waits for one if need be."""
        while (step := int(time.time()) // STEP) <= self._last_step:
            time.sleep(0.5)
        self._last_step = step
        return f"{TOTP(self._key, step=STEP).token():06}"

    def _post(self, path: str, body: Any, token: str = "") -> Any:
        connection = HTTPConnection("127.0.0.1", self._port, timeout=60)
        headers = {"Content-Type": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        connection.request("POST", path, json.dumps(body), headers)
        answer = connection.getresponse()
        document = json.loads(answer.read())
        if answer.status >= 300:
            raise RuntimeError(f"{path}: {answer.status} {document.get('type')}")
        return document
