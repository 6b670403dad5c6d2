"""`deploy/nginx`: what the edge speaks, whom it says that a request comes from, and how webs restart behind it."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from config.devstack import ports
from config.settings.sections.section import PROJECT_ROOT
from tests.proofs.edge import write

NGINX = PROJECT_ROOT / "deploy" / "nginx"
RESTART = PROJECT_ROOT / "deploy" / "compose" / "restart-webs"


def directives(name: str) -> dict[str, str]:
    """The directives of a file by name; of one that comes several times, the last."""
    text = re.sub(r"#.*", "", (NGINX / name).read_text())
    return dict(re.findall(r"^\s*(\w+)\s+([^;{}]+);", text, re.MULTILINE))


def headers() -> dict[str, str]:
    return dict(re.findall(r"proxy_set_header (\S+) ([^;]+);", (NGINX / "nginx.conf").read_text()))


def test_old_versions_of_tls_are_not_spoken() -> None:
    assert directives("nginx.conf")["ssl_protocols"] == "TLSv1.2 TLSv1.3"
    listens = re.findall(r"listen ([^;]+);", (NGINX / "server.conf").read_text())
    assert listens
    assert all(listen.endswith(" ssl") for listen in listens)


def test_what_a_caller_claims_of_itself_is_replaced() -> None:
    assert headers()["X-Forwarded-For"] == "$remote_addr"
    assert headers()["X-Forwarded-Proto"] == "$scheme"
    assert headers()["Client-Cert"] == "$ssl_client_escaped_cert"
    assert (headers()["Forwarded"], headers()["X-Real-IP"]) == ('""', '""')
    assert directives("nginx.conf")["underscores_in_headers"] == "off"


def test_no_other_file_takes_the_headers_away_again() -> None:
    # A block with one of its own inherits none.
    assert "proxy_set_header" not in (NGINX / "server.conf").read_text()


def test_it_keeps_no_log_of_addresses_and_tells_no_version() -> None:
    found = directives("nginx.conf")
    assert (found["access_log"], found["server_tokens"]) == ("off", "off")


def test_watchers_do_not_come_through_it() -> None:
    assert re.search(r"location = /metrics \{\s*return 404;", (NGINX / "server.conf").read_text())


@pytest.mark.skipif(not shutil.which("nginx"), reason="there is no nginx (Debian: nginx-light)")
def test_nginx_takes_the_files(tmp_path: Path) -> None:
    write(tmp_path, ports.any_free(), [ports.any_free(), ports.any_free()])
    done = subprocess.run(
        ["nginx", "-t", "-e", "stderr", "-c", tmp_path / "nginx" / "nginx.conf"],  # noqa: S607
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture
def upstreams(tmp_path: Path) -> Path:
    path = tmp_path / "web.conf"
    shutil.copy(NGINX / "upstreams" / "web.conf", path)
    return path


def restart(folder: Path, upstreams: Path, command: str) -> "subprocess.CompletedProcess[str]":
    """`restart-webs` with programs that write down what nginx would have read at that moment."""
    for name, text in (("reload", f"cat {upstreams} >> {folder}/seen"), ("restart", command)):
        program = folder / name
        program.write_text(f"#!/bin/sh\n{text}\n")
        program.chmod(0o755)
    variables = {
        "PATH": os.environ["PATH"],
        "UPSTREAMS": str(upstreams),
        "RELOAD": str(folder / "reload"),
        "RESTART": str(folder / "restart"),
        "DRAIN": "0",
    }
    return subprocess.run([RESTART], check=False, capture_output=True, text=True, env=variables)


def test_each_web_restarts_while_nginx_sends_it_nothing(tmp_path: Path, upstreams: Path) -> None:
    before = upstreams.read_text()
    done = restart(tmp_path, upstreams, f'grep "$1:.* down;" {upstreams} || exit 1')
    assert done.returncode == 0, done.stderr
    seen = re.findall(r"server (web\d):8000[^;]*?( down)?;", (tmp_path / "seen").read_text())
    reloads = [seen[at : at + 2] for at in range(0, len(seen), 2)]
    assert [[web for web, down in reload if down] for reload in reloads] == [
        ["web1"],
        [],
        ["web2"],
        [],
    ]
    assert upstreams.read_text() == before


def test_a_web_that_does_not_come_back_stops_the_others(tmp_path: Path, upstreams: Path) -> None:
    before = upstreams.read_text()
    done = restart(tmp_path, upstreams, f'echo "$1" >> {tmp_path}/restarted; exit 1')
    assert done.returncode == 1
    assert "web1 did not come back" in done.stderr
    assert (tmp_path / "restarted").read_text() == "web1\n"
    assert upstreams.read_text() == before
