"""Decisions over HTTP: ours as it is served, Cerbos, and an empty view, under one load generator."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from benchmarks import cerbos
from benchmarks.load import Load, ask, put_load, request
from benchmarks.workload import Asked, Workload, documents, make
from tests.proofs.prove_authzen import Client
from tests.proofs.served import Served, served

POLICIES = 1_000
BATCH = 100  # evaluations of one request
ENTITIES = 500  # stored with one request
SCOPES = ("authz:check", "authz:assert", "authz:write")
EMPTY_PORT, CERBOS_PORT = 18_281, 18_283


def report() -> Iterator[str]:
    """Lines of a table: what, and what it answered."""
    workload = make(POLICIES)
    yield "| over HTTP, 32 connections, 2 workers | decisions/s and latency of a request |"
    yield "| --- | --- |"
    with empty(EMPTY_PORT):
        yield _row("empty Django view", put_load(EMPTY_PORT, [request("/", {}, method="GET")]))
    with cerbos.running(workload, port=CERBOS_PORT):
        sent = [request(cerbos.PATH, cerbos.question(one)) for one in workload.questions]
        for one, question in zip(workload.questions[:100], sent, strict=False):
            assert cerbos.allowed(ask(CERBOS_PORT, question)) is one.expected
        yield _row("Cerbos 0.55 PDP", put_load(CERBOS_PORT, sent))
    with served(SERVICE_REQUESTS_PER_MINUTE="1000000", LOG_LEVEL="WARNING") as stack:
        token = prepare(stack, workload)
        checks = [request("/v1/authz/check", check(one), token=token) for one in workload.questions]
        for one, question in zip(workload.questions[:100], checks, strict=False):
            assert (ask(stack.port, question)["decision"] == "allow") is one.expected
        yield _row("POST /v1/authz/check", put_load(stack.port, checks))
        single = [
            request("/access/v1/evaluation", evaluation(one), token=token)
            for one in workload.questions
        ]
        yield _row("POST /access/v1/evaluation", put_load(stack.port, single))
        yield _row(
            f"POST /access/v1/evaluations, {BATCH} each",
            put_load(stack.port, list(batches(workload.questions, token))),
            each=BATCH,
        )


def _row(name: str, load: Load, *, each: int = 1) -> str:
    together = f"{load.rate * each:,.0f} decisions/s; " if each > 1 else ""
    return f"| {name} | {together}{load} |"


def check(asked: Asked) -> dict[str, Any]:
    """As `/v1/authz/check` wants it."""
    return {
        "subject": f"user:{asked.person.id}",
        "action": asked.action,
        "resource": f"{asked.thing.kind}:{asked.thing.id}",
        "context": {"ip": asked.ip, "hour": asked.hour},
    }


def evaluation(asked: Asked) -> dict[str, Any]:
    """As AuthZEN wants it."""
    return {
        "subject": {"type": "user", "id": asked.person.id},
        "action": {"name": asked.action},
        "resource": {"type": asked.thing.kind, "id": asked.thing.id},
        "context": {"ip": asked.ip, "hour": asked.hour},
    }


def batches(questions: Sequence[Asked], token: str) -> Iterator[bytes]:
    for start in range(0, len(questions), BATCH):
        items = [evaluation(one) for one in questions[start : start + BATCH]]
        yield request("/access/v1/evaluations", {"evaluations": items}, token=token)


def prepare(stack: Served, workload: Workload) -> str:
    """A client's token, with the workload's policies and entities in force."""
    scopes = [part for scope in SCOPES for part in ("--scope", scope)]
    made = json.loads(stack.manage("service_client", "create", "Benchmark", *scopes, "--json"))
    form = (
        "grant_type=client_credentials"
        f"&client_id={made['client_id']}&client_secret={made['client_secret']}"
    )
    answer = Client(stack.port)(
        "/v1/oauth/token", form, content_type="application/x-www-form-urlencoded"
    )
    token: str = answer.document["access_token"]
    with TemporaryDirectory(prefix="gatehouse-bench-") as place:
        folder = Path(place) / "policies"
        folder.mkdir()
        for kind in workload.kinds:
            for document in documents(kind):
                (folder / f"{document['name']}.json").write_text(json.dumps({"policy": document}))
        stack.manage("authz_import", place)
    client = Client(stack.port, token)
    entities = list(_entities(workload))
    for start in range(0, len(entities), ENTITIES):
        body = {"entities": entities[start : start + ENTITIES]}
        assert client("/v1/authz/entities", body).status == 200
    return token


def _entities(workload: Workload) -> Iterator[dict[str, Any]]:
    for person in workload.people:
        shared = {view: {"permissions": ["view"]} for view in sorted(person.views)}
        properties: dict[str, Any] = {"status": "active", "memberships": shared}
        yield {"type": "user", "id": person.id, "properties": properties}
    for thing in workload.things:
        properties = {"owner": thing.owner, "public": thing.public}
        yield {"type": thing.kind, "id": thing.id, "properties": properties}


@contextmanager
def empty(port: int) -> Iterator[None]:
    """The empty view under granian, as the Procfile runs ours."""
    command = [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1"),
        *("--port", str(port), "--workers", "2", "--http", "1", "--no-ws"),
        "benchmarks.empty:application",
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603
    try:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                with urlopen(f"http://127.0.0.1:{port}/", timeout=2):
                    break
            except (URLError, OSError):
                time.sleep(0.2)
        yield
    finally:
        process.terminate()
        process.wait(30)


if __name__ == "__main__":
    for line in report():
        print(line, flush=True)
