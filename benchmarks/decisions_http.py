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
from benchmarks.measure import Comparison
from benchmarks.workload import Asked, Workload, documents, make
from tests.proofs.prove_authzen import Client
from tests.proofs.served import Served, served

POLICIES = 1_000
BATCH = 100  # evaluations of one request
ENTITIES = 500  # stored with one request
SCOPES = ("authz:check", "authz:assert", "authz:write")
EMPTY_PORT, CERBOS_PORT = 18_281, 18_283
PEER = "Cerbos 0.55 PDP"


def comparisons() -> Iterator[Comparison]:
    """Requests a second from 32 connections, and of the batch decisions a second."""
    workload = make(POLICIES)
    with empty(EMPTY_PORT):
        nothing = put_load(EMPTY_PORT, [request("/", {}, method="GET")])
    peer = _cerbos(workload)
    with served(SERVICE_REQUESTS_PER_MINUTE="100000000", LOG_LEVEL="WARNING") as stack:
        token = prepare(stack, workload)
        for path, form in (("/v1/authz/check", check), ("/access/v1/evaluation", evaluation)):
            sent = [request(path, form(one), token=token) for one in workload.questions]
            _demand_agreement(stack.port, workload, sent)
            load = put_load(stack.port, sent)
            yield _against(f"POST {path}", load, nothing, "an empty Django view", "≥ 0.5")
            yield _against(f"POST {path}", load, peer, PEER, "≥ 1.5")
        load = put_load(stack.port, list(batches(workload.questions, token)))
        name = f"POST /access/v1/evaluations, {BATCH} each, decisions"
        yield _against(name, load, peer, PEER, "≥ 3", each=BATCH)


def _cerbos(workload: Workload) -> Load:
    with cerbos.running(workload, port=CERBOS_PORT):
        sent = [request(cerbos.PATH, cerbos.question(one)) for one in workload.questions]
        for one, question in zip(workload.questions[:100], sent, strict=False):
            assert cerbos.allowed(ask(CERBOS_PORT, question)) is one.expected
        return put_load(CERBOS_PORT, sent)


def _demand_agreement(port: int, workload: Workload, sent: Sequence[bytes]) -> None:
    """What does not decide the same is not compared."""
    for one, question in zip(workload.questions[:100], sent, strict=False):
        assert (ask(port, question)["decision"] in {"allow", True}) is one.expected


def _against(
    name: str, ours: Load, floor: Load, floor_name: str, goal: str, *, each: int = 1
) -> Comparison:
    return Comparison(
        name=name,
        ours=ours.rate * each,
        floor=floor.rate,
        floor_name=floor_name,
        goal=goal,
        unit="/s",
        note=ours.percentiles,
        floor_note=floor.percentiles,
    )


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
