"""Verifiers in processes of their own, beside the test."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection


class Verifier:
    """Hands tokens over and waits for the verdict."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process

    def verdict(self, token: str) -> str:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(token + "\n")
        self.process.stdin.flush()
        verdict: str = self.process.stdout.readline()
        return verdict.strip()


@contextmanager
def stranger(jwks_url: str) -> Iterator[Verifier]:
    """Somebody who has our JWKS and nothing else of ours."""
    with _running("accounts.tests.processes.stranger", jwks_url) as verifier:
        yield verifier


@contextmanager
def ourselves() -> Iterator[Verifier]:
    """A process of the service, on this test's database and the Redis of the moment."""
    database = connection.settings_dict
    host = f"?host={database['HOST']}" if str(database["HOST"]).startswith("/") else ""
    address = "" if host else f"{database['HOST']}:{database['PORT']}"
    variables = {
        "DJANGO_SETTINGS_MODULE": "config.settings.test",
        "DATABASE_URL": f"postgresql://{database['USER']}@{address}/{database['NAME']}{host}",
        "REDIS_URL": settings.REDIS_URL,
        "PUBLIC_URL": settings.ENVIRONMENT.public_url,
    }
    with _running("accounts.tests.processes.ourselves", **variables) as verifier:
        yield verifier


@contextmanager
def _running(module: str, *arguments: str, **variables: str) -> Iterator[Verifier]:
    process = subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, **variables},
        cwd=settings.BASE_DIR,
        text=True,
    )
    try:
        yield Verifier(process)
    finally:
        process.terminate()
        process.communicate(timeout=20)
