"""A whole stack as `manage.py serve` runs it, in a folder and on a port of its own, for proofs from the outside."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.devstack import ports
from config.devstack.readiness import wait_until_ready
from config.settings.sections.section import PROJECT_ROOT

START_LIMIT, STOP_LIMIT = 120, 60  # seconds


@dataclass(frozen=True)
class Answer:
    """Of one request, and how long it took from connecting to the last byte."""

    status: int
    headers: dict[str, str]
    body: bytes
    seconds: float

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Served:
    """A running stack. It believes `X-Forwarded-For` of this machine, so that one client can be many."""

    port: int
    environment: Mapping[str, str]
    pid: int = 0  # of `manage.py serve`

    def manage(self, *arguments: str) -> str:
        """What the command wrote to standard output. Raises CalledProcessError."""
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=PROJECT_ROOT,
            env=self.environment,
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        ).stdout

    async def post(
        self, path: str, body: Any, *, address: str = "", headers: Mapping[str, str] | None = None
    ) -> Answer:
        """A connection for each request, as a crowd of clients would. `address` is whom it claims to come from."""
        return await self._send(path, json.dumps(body), "application/json", address, headers or {})

    async def post_form(self, path: str, form: str) -> Answer:
        """`form` is encoded already."""
        return await self._send(path, form, "application/x-www-form-urlencoded", "", {})

    async def _send(
        self, path: str, text: str, kind: str, address: str, headers: Mapping[str, str]
    ) -> Answer:
        content = text.encode()
        lines = [
            f"POST {path} HTTP/1.1",
            f"Host: 127.0.0.1:{self.port}",
            "Connection: close",
            f"Content-Type: {kind}",
            f"Content-Length: {len(content)}",
            *([f"X-Forwarded-For: {address}"] if address else []),
            *(f"{name}: {value}" for name, value in headers.items()),
        ]
        begun = time.perf_counter()
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + content)
        raw = await reader.read()
        taken = time.perf_counter() - begun
        writer.close()
        return _parsed(raw, taken)


@contextmanager
def served(*arguments: str, **variables: str) -> Iterator[Served]:
    """Start it, and stop it and forget all that it kept. `arguments` are those of `serve`, `variables` are settings."""
    with tempfile.TemporaryDirectory(prefix="gatehouse-proof-") as folder:
        Path(folder).chmod(0o711)  # PostgreSQL's user passes through
        port = ports.any_free()
        environment = os.environ | {
            "STATE_DIR": folder,
            "PORT": str(port),
            "TRUSTED_PROXIES": "127.0.0.1/32",
            "DJANGO_SETTINGS_MODULE": "config.settings.local",
            "DEMO_DATA": "false",
            **variables,
        }
        with (Path(folder) / "serve.log").open("wb") as log:
            stack = subprocess.Popen(
                [sys.executable, "manage.py", "serve", *arguments],
                cwd=PROJECT_ROOT,
                env=environment,
                stdout=log,
                stderr=log,
            )
            signal.signal(
                signal.SIGTERM, lambda *_: sys.exit(1)
            )  # a proof that is stopped stops its stack
            try:
                url = f"http://127.0.0.1:{port}/readyz"
                if not wait_until_ready(
                    url, patience=START_LIMIT, may_come=lambda: stack.poll() is None
                ):
                    raise RuntimeError("The stack did not become ready.")
                yield Served(port, environment, stack.pid)
            finally:
                stack.send_signal(signal.SIGINT)
                stack.wait(STOP_LIMIT)


def _parsed(raw: bytes, seconds: float) -> Answer:
    head, _, body = raw.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    pairs = (line.partition(": ") for line in lines)
    status = int(first.split()[1]) if first else 0  # 0: closed without an answer
    return Answer(status, {name.lower(): value for name, _, value in pairs}, body, seconds)
