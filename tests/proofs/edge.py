"""nginx as it ships, before webs on this machine."""

import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from config.devstack import ports
from config.settings.sections.section import PROJECT_ROOT

SHIPPED = PROJECT_ROOT / "deploy" / "nginx"
RESTART = PROJECT_ROOT / "deploy" / "compose" / "restart-webs"
MAKE_SECRETS = PROJECT_ROOT / "deploy" / "compose" / "make-secrets"
PLAIN = """server {{
    listen {};
    location / {{
        proxy_set_header Host $http_host;
        proxy_set_header X-Forwarded-For $http_x_forwarded_for;
        proxy_set_header Connection close;
        proxy_pass http://gatehouse_web;
    }}
}}
"""


@dataclass(frozen=True)
class Edge:
    """Before webs on these ports of this machine."""

    url: str
    authority: Path  # who vouches for its certificate
    folder: Path
    webs: Sequence[int]
    plain: int = 0  # a port without TLS, where `X-Forwarded-For` is believed

    def restart(self, command: Path) -> str:
        """`restart-webs` as it ships, which runs `command ADDRESS` for each web; what it said."""
        done = subprocess.run(
            [RESTART, *(_address(port) for port in self.webs)],
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={
                "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
                "UPSTREAMS": str(self.folder / "upstreams" / "web.conf"),
                "RELOAD": f"nginx -e stderr -c {self.folder}/nginx.conf -s reload",
                "RESTART": str(command),
            },
        )
        if done.returncode:
            raise SystemExit(f"restart-webs failed:\n{done.stdout}")
        return done.stdout


@contextmanager
def edge(folder: Path, webs: Sequence[int]) -> Iterator[Edge]:
    """It runs for the length of the block, from files in `folder`."""
    port, plain = ports.any_free(), ports.any_free()
    place = write(folder, port, webs, plain=plain)
    process = subprocess.Popen(
        ["nginx", "-e", "stderr", "-c", place / "nginx.conf", "-g", "daemon off;"]  # noqa: S607
    )
    try:
        while ports.is_free(port):
            time.sleep(0.05)
        authority = place / "secrets" / "ca_certificate"
        yield Edge(f"https://localhost:{port}", authority, place, webs, plain)
    finally:
        process.terminate()
        process.wait()


def _address(port: int) -> str:
    return f"{ports.LOOPBACK}:{port}"


def write(folder: Path, port: int, webs: Sequence[int], *, plain: int = 0) -> Path:
    """The folder with the shipped files and a certificate, with the places of this machine.

    Without HTTP/2, which nginx before 1.25 spells in another way. With `plain` there is a door besides for one
    client that is many.
    """
    place = folder / "nginx"
    for name in ("upstreams", "gatehouse"):
        (place / name).mkdir(parents=True)
    subprocess.run([MAKE_SECRETS], check=True, cwd=place, stdout=subprocess.DEVNULL)
    places = {
        "/etc/nginx/upstreams": str(place / "upstreams"),
        "/etc/nginx/gatehouse": str(place / "gatehouse"),
        "/run/secrets": str(place / "secrets"),
        "/run/nginx.pid": str(place / "nginx.pid"),
        "worker_processes auto": "user root; worker_processes 2",
        "listen 8443 ssl": f"listen {_address(port)} ssl",
        "http2 on;": "",
        **{f"web{number}:8000": _address(own) for number, own in enumerate(webs, start=1)},
    }
    for source, target in (
        ("nginx.conf", "nginx.conf"),
        ("server.conf", "gatehouse/server.conf"),
        ("upstreams/web.conf", "upstreams/web.conf"),
    ):
        text = (SHIPPED / source).read_text()
        for there, here in places.items():
            text = text.replace(there, here)
        (place / target).write_text(text)
    if plain:
        (place / "gatehouse" / "plain.conf").write_text(PLAIN.format(_address(plain)))
    return place
