"""Proves that the image runs the service, locked up as it is deployed: `python -m tests.proofs.prove_image`.

Every role in a container of its own on the embedded servers, with PgBouncer and nginx as they ship in between where
this machine has them; then the webs restart one after the other under load, and no request may fail. It builds the
image first, unless IMAGE names one. As root, with podman or docker.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx

from config.devstack import ports
from config.devstack.layout import DATABASE_NAME, DATABASE_USER, POSTGRES_SOCKET, Layout
from config.devstack.servers import POSTGRES, VALKEY, Throwaway
from config.settings.sections.section import PROJECT_ROOT
from tests.forwarding import forwarded
from tests.pooler import pooled
from tests.proofs.containers import Containers, runtime
from tests.proofs.edge import Edge, edge
from tests.proofs.restart_under_load import Load

HOST = "localhost"
PROXIED = {"Host": HOST, "X-Forwarded-Proto": "https"}
LASTING = ("worker", "beat", "relay", "webhooks")
PATIENCE = 120.0  # seconds until a role is well, or has ended
# What an attacker would like to find.
TOOLS = ("gcc", "cc", "make", "pip", "apt-get", "dpkg", "curl", "wget", "git", "sudo")


def main() -> None:
    image = os.environ.get("IMAGE") or _built()
    with tempfile.TemporaryDirectory(prefix="gatehouse-image-") as name, ExitStack() as stack:
        folder = Path(name)
        containers = stack.enter_context(_scene(folder, image))
        _look_inside(containers)
        print(containers.run("prepare").strip())
        print(containers.run("manage", "check", "--deploy", "--fail-level", "WARNING").strip())
        ways = [ports.any_free(), ports.any_free()]
        webs = [str(port) for port in ways]
        stack.callback(containers.remove, [*webs, *LASTING])
        for web in webs:
            containers.start(web, "web", PORT=web)
        for role in LASTING:
            containers.start(role, role, METRICS_PORT=str(ports.any_free()))
        for role in (*webs, *LASTING):
            _wait_until_well(containers, role)
        _ask(ways[0])
        if shutil.which("nginx"):
            with edge(folder, ways) as before:
                _restart_under_load(containers, before)
        _stop_all(containers, [*webs, *LASTING])
    print("Everything is as it should be.")


def _built() -> str:
    built = subprocess.run(
        [PROJECT_ROOT / "deploy" / "image" / "build", *sys.argv[1:]],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return built.stdout.strip().splitlines()[-1]


@contextmanager
def _scene(folder: Path, image: str) -> Iterator[Containers]:
    """The embedded servers, with doors that a container can use, and the secrets as files."""
    layout = Layout(folder / "state")
    with ExitStack() as stack:
        servers = Throwaway(layout, [POSTGRES, VALKEY])
        stack.callback(servers.stop)
        servers.start()
        port = stack.enter_context(forwarded(layout.postgres_sockets / POSTGRES_SOCKET))
        redis = stack.enter_context(forwarded(layout.valkey_socket))
        direct = f"postgresql://{DATABASE_USER}@{ports.LOOPBACK}:{port}/{DATABASE_NAME}"
        through = direct
        if shutil.which("pgbouncer"):
            folder.chmod(0o755)
            pooler = folder / "pooler"
            pooler.mkdir()
            through = stack.enter_context(
                pooled(pooler, port=port, name=DATABASE_NAME, user=DATABASE_USER)
            )
        secrets = _secrets(folder, direct, through, f"redis://{ports.LOOPBACK}:{redis}/0")
        environment = {
            "PUBLIC_URL": f"https://{HOST}",
            "ALLOWED_HOSTS": HOST,
            "TRUSTED_PROXIES": "127.0.0.0/8",
            "DATABASE_POOL_SIZE": "4",
            **{
                f"{path.name.upper()}_FILE": f"/run/secrets/{path.name}"
                for path in secrets.iterdir()
            },
        }
        print(f"Through PgBouncer: {through != direct}.")
        yield Containers(image, f"prove-{os.getpid()}", environment, str(secrets))


def _secrets(folder: Path, direct: str, through: str, redis: str) -> Path:
    secrets = folder / "secrets"
    secrets.mkdir()
    made = {
        "secret_key": _random("-base64", "48"),
        "vault_local_key": _random("-base64", "32"),
        "metrics_token": _random("-hex", "32"),
        "database_url": through,
        "database_direct_url": direct,
        "redis_url": redis,
        "email_url": "smtp://localhost:1025",
    }
    for name, text in made.items():
        path = secrets / name
        path.write_text(text + "\n")
        path.chmod(0o400)
        os.chown(path, 10001, 10001)
    return secrets


def _random(*arguments: str) -> str:
    return subprocess.run(
        ["openssl", "rand", *arguments],  # noqa: S607
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout.strip()


def _look_inside(containers: Containers) -> None:
    """Who it runs as, what it may write, and what it has not."""
    script = f"""
        id -u; for tool in {" ".join(TOOLS)}; do command -v $tool && echo there is $tool; done
        find / -xdev -perm /6000 -type f 2> /dev/null
        for path in /opt/gatehouse/x /usr/local/bin/x /etc/x; do touch $path 2> /dev/null && echo wrote $path; done
        touch /tmp/x /run/gatehouse/x; true
    """
    told = containers.shell(script)
    _demand(told.split() == ["10001"], f"inside the image: {told}")
    print(
        "Inside: user 10001, nothing to write to but tmpfs, no tool to build or fetch with, nothing set-uid."
    )


def _wait_until_well(containers: Containers, role: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while containers.inside(role, "gatehouse", "healthy").returncode:
        _demand(time.monotonic() < deadline, f"{role} is not well:\n{containers.logs(role)}")
        time.sleep(1)
    print(f"{role} is well.")


def _ask(port: int) -> None:
    """The service as a proxy asks it, and as a machine that knows its address alone does."""
    with httpx.Client(base_url=f"http://{ports.LOOPBACK}:{port}", trust_env=False) as client:
        ready = client.get("/readyz")
        _demand(ready.status_code == 200, f"/readyz: {ready.status_code} {ready.text}")
        print(f"/readyz: {ready.text}")
        _demand(client.get("/v1/docs").status_code == 400, "a host that is not ours is answered")
        plain = client.get("/v1/docs", headers={"Host": HOST})
        _demand(plain.status_code == 301, "without TLS one is not sent to https")
        page = client.get("/v1/docs", headers=PROXIED)
        _demand(page.status_code == 200, f"/v1/docs: {page.status_code}")
        style = next(word for word in page.text.split('"') if word.endswith(".css"))
        static = client.get(style, headers={**PROXIED, "Accept-Encoding": "gzip"})
        _demand("immutable" in static.headers["Cache-Control"], f"{style} is not kept for ever")
        _demand(static.headers.get("Content-Encoding") == "gzip", f"{style} is not compressed")
        print(f"Static files are kept for ever and compressed: {style}")


RESTART = """#!/bin/sh
set -eu
web={prefix}-${{1##*:}}
{runtime} stop --time=40 "$web"
test "$({runtime} inspect --format '{{{{.State.ExitCode}}}}' "$web")" = 0
{runtime} start "$web"
until {runtime} exec "$web" gatehouse healthy; do sleep 1; done
"""


def _restart_under_load(containers: Containers, before: Edge) -> None:
    """Each web ends and begins again, by `deploy/compose/restart-webs`; nobody notices."""
    command = before.folder / "restart"
    command.write_text(RESTART.format(prefix=containers.prefix, runtime=runtime()))
    command.chmod(0o755)
    with Load(before.url, before.authority) as load:
        time.sleep(2)
        said = before.restart(command).splitlines()
        print("\n".join(line for line in said if line.endswith(" is back.")))
        time.sleep(2)
    print(load.told())
    _demand(not load.failures, f"requests failed: {load.failures[:5]}")


def _stop_all(containers: Containers, roles: list[str]) -> None:
    for role in roles:
        begun = time.monotonic()
        code = containers.stop(role, seconds=60)
        print(f"{role} ended by itself in {time.monotonic() - begun:.1f} s.")
        _demand(code == 0, f"{role} ended with {code}:\n{containers.logs(role)[-2000:]}")


def _demand(holds: bool, otherwise: str) -> None:
    if not holds:
        raise SystemExit(otherwise)


if __name__ == "__main__":
    main()
