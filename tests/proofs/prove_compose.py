"""Proves that `compose.yaml` starts in the order that works, and lives: `python -m tests.proofs.prove_compose`.

A copy of what is committed is begun as docs/operators/deploy.md says: the secrets are made, the images built, the
services started, each when what it waits for is healthy. Then somebody signs up through nginx, and gets a mail;
Prometheus finds every process; both webs restart with nobody noticing; a worker that is killed comes back; and what was
written is there after all was taken down and started again.

As root, with podman and buildah. It builds the image first, with its arguments for `deploy/image/build`, unless IMAGE
names one. Images of others that this machine has not are
stood in for by Debian's packages (`tests/proofs/stand_ins`); Grafana is in none of them, and is left out then.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx

from config.settings.sections.section import PROJECT_ROOT
from tests.deployment.compose_file import filled_in
from tests.proofs.composed import Composed
from tests.proofs.restart_under_load import Load

STAND_INS = PROJECT_ROOT / "tests" / "proofs" / "stand_ins"
BASE = "localhost/debian:bookworm-slim"
OTHERS = {
    "postgres": "TIMESCALEDB_IMAGE",
    "valkey": "VALKEY_IMAGE",
    "nginx": "NGINX_IMAGE",
    "prometheus": "PROMETHEUS_IMAGE",
    "mail": "MAILPIT_IMAGE",
    "grafana": "GRAFANA_IMAGE",
}
URL = "https://localhost:8443"
EMAIL = "asha@example.com"
PATIENCE = 120.0  # seconds
COUNT = f"from accounts.models import User; print(User.objects.filter(email='{EMAIL}').count())"
RESTART = """#!/bin/sh
set -eu
podman stop --time 40 "{project}_$1_1"
podman start "{project}_$1_1"
until podman exec "{project}_$1_1" gatehouse healthy; do sleep 1; done
"""


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # who is stopped cleans up
    with tempfile.TemporaryDirectory(prefix="gatehouse-compose-") as name, ExitStack() as stack:
        folder = Path(name)
        composed = _prepared(folder)
        stack.enter_context(_running(composed))
        authority = folder / "secrets" / "ca_certificate"
        client = stack.enter_context(
            httpx.Client(base_url=URL, verify=str(authority), trust_env=False, timeout=30)
        )
        _sign_up(composed, client)
        _watch(composed)
        _restart_webs(composed, authority)
        _kill_a_worker(composed)
        _take_down_and_start_again(composed)
    print("Everything is as it should be.")


def _prepared(folder: Path) -> Composed:
    """A copy of the project with its secrets and images."""
    archive = subprocess.run(
        ["git", "archive", "HEAD"],  # noqa: S607 - whichever is here
        cwd=PROJECT_ROOT,
        check=True,
        stdout=subprocess.PIPE,
    )
    subprocess.run(["tar", "-x"], cwd=folder, check=True, input=archive.stdout)  # noqa: S607
    _run(folder, "sh", "deploy/compose/make-secrets")
    lines = (folder / "secrets" / "compose.env").read_text().splitlines()
    variables = dict(line.split("=", 1) for line in lines)
    variables["GATEHOUSE_IMAGE"] = (
        os.environ.get("IMAGE")
        or _run(
            PROJECT_ROOT, "env", f"BASE_IMAGE={BASE}", "sh", "deploy/image/build", *sys.argv[1:]
        ).splitlines()[-1]
    )
    variables["PGBOUNCER_IMAGE"] = _built("gatehouse-pgbouncer", folder / "deploy" / "pgbouncer")
    document = filled_in(variables)
    for name, variable in OTHERS.items():
        if not _is_here(document["services"][name]["image"]):
            if (STAND_INS / name).is_dir():
                variables[variable] = _built(f"stand-in-{name}", STAND_INS / name)
                print(f"{name}: no image of it here; a stand-in of Debian's packages.")
            else:
                variables[variable] = ""
                print(f"{name}: no image of it here, nor a stand-in; left out.")
    document = filled_in(variables)
    for name, variable in OTHERS.items():
        if variables.get(variable) == "":
            del document["services"][name]
    return Composed(folder, document)


def _built(name: str, folder: Path) -> str:
    image = f"localhost/{name}:local"
    _run(
        folder,
        *("buildah", "build", "--isolation", "chroot", "--quiet", "--layers", "--tag", image),
        *("--build-arg", f"BASE_IMAGE={BASE}", "."),
    )
    return image


def _is_here(image: str) -> bool:
    return subprocess.run(["podman", "image", "exists", image], check=False).returncode == 0  # noqa: S607


def _run(folder: Path, *command: str) -> str:
    """Raises SystemExit with what it said when it fails."""
    done = subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
    return done.stdout.strip()


@contextmanager
def _running(composed: Composed) -> Iterator[None]:
    try:
        composed.make()
        begun = time.monotonic()
        composed.up()
        print(f"{len(composed.services)} services are well after {time.monotonic() - begun:.0f} s.")
        yield
    finally:
        composed.down(seconds=10)
        composed.forget()


def _sign_up(composed: Composed, client: httpx.Client) -> None:
    _demand(client.get("/metrics").status_code == 404, "the world may read the metrics")
    page = client.get("/accounts/sign-in")
    _demand(page.status_code == 200, f"the page to sign in: {page.status_code}")
    body = {"email": EMAIL, "password": "seven quiet rivers run", "name": "Asha Rao"}
    answer = client.post("/v1/auth/register", json=body)
    _demand(answer.is_success, f"sign up: {answer.status_code} {answer.text}")
    _wait(
        lambda: EMAIL in composed.logs("mail"), lambda: f"no mail came:\n{composed.logs('worker')}"
    )
    print("Somebody signed up through nginx, and got a mail.")


def _watch(composed: Composed) -> None:
    address = "http://127.0.0.1:9090/api/v1/targets"

    def found() -> dict[str, str]:
        told = composed.inside("prometheus", "wget", "-qO-", address).stdout
        targets = json.loads(told or "{}").get("data", {}).get("activeTargets", [])
        return {each["labels"]["instance"]: each["health"] for each in targets}

    _wait(lambda: set(found().values()) == {"up"}, lambda: f"Prometheus misses some: {found()}")
    print(f"Prometheus finds {', '.join(sorted(found()))}.")


def _restart_webs(composed: Composed, authority: Path) -> None:
    restart = composed.folder / "restart"
    restart.write_text(RESTART.format(project=composed.project))
    restart.chmod(0o755)
    reload = f"RELOAD=podman exec {composed.name('nginx')} nginx -s reload"
    with Load(URL, authority, together=True) as load:
        time.sleep(2)
        _run(
            composed.folder,
            "env",
            reload,
            f"RESTART={restart}",
            "sh",
            "deploy/compose/restart-webs",
        )
        time.sleep(2)
    print(load.told())
    _demand(not load.failures, f"requests failed: {load.failures[:5]}")


def _kill_a_worker(composed: Composed) -> None:
    # From outside: what podman itself kills counts as stopped, and stays so.
    os.kill(composed.process("worker"), signal.SIGKILL)
    time.sleep(2)
    composed.wait_until_well("worker")
    print("A worker that was killed came back.")


def _take_down_and_start_again(composed: Composed) -> None:
    composed.down()
    composed.up()
    told = composed.inside("web1", "gatehouse", "manage", "shell", "--no-imports", "-c", COUNT)
    _demand(told.stdout.split()[-1:] == ["1"], f"after all was down: {told.stdout}{told.stderr}")
    print("Taken down and started again: what was written is there.")


def _wait(true: Callable[[], bool], otherwise: Callable[[], str]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        if time.monotonic() > deadline:
            raise SystemExit(otherwise())
        time.sleep(1)


def _demand(good: bool, otherwise: str) -> None:
    if not good:
        raise SystemExit(otherwise)


if __name__ == "__main__":
    main()
