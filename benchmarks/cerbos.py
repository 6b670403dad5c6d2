"""The Cerbos PDP on the same workload: a policy for each kind of thing, attributes with the question."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.workload import CLOSES, FORBIDDEN, OPENS, Asked, Workload
from config.devstack.readiness import wait_until_ready
from tests.node.tooling import install

FOLDER = Path(__file__).parent / "node"
PATH = "/api/check/resources"
PATIENCE = 60  # seconds for a start


@contextmanager
def running(workload: Workload, *, port: int) -> Iterator[None]:
    """The PDP with the workload's policies, on `port`; gRPC on the next one."""
    program = install(FOLDER) / "node_modules/@cerbos/cerbos-linux-x64/cerbos-linux-x64"
    program.chmod(0o755)
    with TemporaryDirectory(prefix="gatehouse-bench-") as place:
        policies = Path(place) / "policies"
        policies.mkdir()
        for kind in workload.kinds:
            (policies / f"{kind}.json").write_text(json.dumps(_policy(kind)))
        config = Path(place) / "config.json"
        config.write_text(
            json.dumps(
                {
                    "server": {
                        "httpListenAddr": f"127.0.0.1:{port}",
                        "grpcListenAddr": f"127.0.0.1:{port + 1}",
                    },
                    "storage": {
                        "driver": "disk",
                        "disk": {"directory": str(policies), "watchForChanges": False},
                    },
                    "telemetry": {"disabled": True},
                }
            )
        )
        command = [str(program), "server", f"--config={config}", "--log-level=error"]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603
        try:
            url = f"http://127.0.0.1:{port}/_cerbos/health"
            if not wait_until_ready(
                url, patience=PATIENCE, may_come=lambda: process.poll() is None
            ):
                raise RuntimeError("Cerbos did not become ready.")
            yield
        finally:
            process.terminate()
            process.wait(PATIENCE)


def question(asked: Asked) -> dict[str, Any]:
    """The request for one question."""
    thing, person = asked.thing, asked.person
    return {
        "principal": {
            "id": person.id,
            "roles": ["user"],
            "attr": {"views": sorted(person.views), "ip": asked.ip, "hour": asked.hour},
        },
        "resources": [
            {
                "actions": [asked.action],
                "resource": {
                    "kind": thing.kind,
                    "id": thing.id,
                    "attr": {"owner": thing.owner, "public": thing.public},
                },
            }
        ],
    }


def allowed(answer: Any) -> bool:
    """What one answer says."""
    (effect,) = answer["results"][0]["actions"].values()
    return bool(effect == "EFFECT_ALLOW")


def _policy(kind: str) -> dict[str, Any]:
    def rule(actions: list[str], effect: str, expression: str) -> dict[str, Any]:
        return {
            "actions": actions,
            "effect": effect,
            "roles": ["user"],
            "condition": {"match": {"expr": expression}},
        }

    hours = f"P.attr.hour >= {OPENS} && P.attr.hour < {CLOSES}"
    return {
        "apiVersion": "api.cerbos.dev/v1",
        "resourcePolicy": {
            "resource": kind,
            "version": "default",
            "rules": [
                rule(["use", "view"], "EFFECT_ALLOW", "R.attr.owner == P.id"),
                rule(["view"], "EFFECT_ALLOW", "R.id in P.attr.views"),
                rule(["view"], "EFFECT_ALLOW", f"R.attr.public && {hours}"),
                rule(["use", "view"], "EFFECT_DENY", f'P.attr.ip.inIPAddrRange("{FORBIDDEN}")'),
            ],
        },
    }
