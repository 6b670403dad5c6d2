"""Proves AuthZEN over HTTP: every case of the certification scenario, `python -m tests.proofs.prove_authzen`, a minute.

Starts a stack of its own, loads `tests/authzen/fixture` with `manage.py authz_import`, and asks as a service client
with the scopes `authz:check` and `authz:assert`.
"""

import json
import sys
from collections.abc import Mapping
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode

from tests.authzen import basic, batch, discovery, search
from tests.authzen.asking import JSON, Answer
from tests.proofs.served import Served, served

LEVELS = {"basic": basic, "batch": batch, "search": search, "discovery": discovery}
FORM = "application/x-www-form-urlencoded"


def main() -> int:
    """0 when every case holds."""
    failed = 0
    with served() as stack:
        stack.manage("authz_import", "tests/authzen/fixture")
        ask = Client(stack.port, _token(stack))
        for level, module in LEVELS.items():
            held = 0
            for name, case in module.CASES.items():
                try:
                    case(ask)
                    held += 1
                except AssertionError as error:
                    print(f"  {level} {name}: {error}")
            failed += len(module.CASES) - held
            print(f"{level}: {held} of {len(module.CASES)}")
    return 1 if failed else 0


class Client:
    """Asks over one connection after the other."""

    def __init__(self, port: int, token: str = "") -> None:
        self.port = port
        self.authorization = {"Authorization": f"Bearer {token}"} if token else {}

    def __call__(
        self,
        path: str,
        body: Any,
        *,
        content_type: str = JSON,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        raw = body if body is None or isinstance(body, bytes | str) else json.dumps(body)
        sent = {"Content-Type": content_type, **self.authorization, **(headers or {})}
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request("GET" if body is None else "POST", path, raw, sent)
        response = connection.getresponse()
        document = json.loads(response.read())
        names = {name.lower(): value for name, value in response.getheaders()}
        connection.close()
        return Answer(response.status, names, document)


def _token(stack: Served) -> str:
    made = stack.manage(
        *("service_client", "create", "Certification"),
        *("--scope", "authz:check", "--scope", "authz:assert", "--json"),
    )
    client = json.loads(made)
    form = urlencode(
        {
            "grant_type": "client_credentials",
            "client_id": client["client_id"],
            "client_secret": client["client_secret"],
        }
    )
    answer = Client(stack.port)("/v1/oauth/token", form, content_type=FORM)
    return str(answer.document["access_token"])


if __name__ == "__main__":
    sys.exit(main())
