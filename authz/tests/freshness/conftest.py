"""Another process that decides."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.conf import settings
from django.db import connection


class OtherProcess:
    """Asks and waits for the answer."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process

    def ask(self, person: Any) -> dict[str, Any]:
        """The answer about `person` doing something to something."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        question = {
            "subject": f"user:{person.public_id}",
            "action": "document:read",
            "resource": "document:1",
        }
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer

    def allows(self, person: Any) -> bool:
        return bool(self.ask(person)["allowed"])


@contextmanager
def other_process(**environment: str) -> Iterator[OtherProcess]:
    """It uses this test's database and the Redis of the moment; `environment` is for variables of ours."""
    database = connection.settings_dict
    host = f"?host={database['HOST']}" if str(database["HOST"]).startswith("/") else ""
    address = "" if host else f"{database['HOST']}:{database['PORT']}"
    variables = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings.test",
        "DATABASE_URL": f"postgresql://{database['USER']}@{address}/{database['NAME']}{host}",
        "REDIS_URL": settings.REDIS_URL,
        **environment,
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "authz.tests.freshness.decision_process"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=variables,
        cwd=settings.BASE_DIR,
        text=True,
    )
    try:
        yield OtherProcess(process)
    finally:
        process.terminate()
        process.communicate(timeout=20)


@pytest.fixture
def other() -> Iterator[OtherProcess]:
    with other_process() as process:
        yield process
