"""What only the real server shows: bytes on a socket."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from config.devstack import ports

HEAD = b"POST /v1/auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\n"
CHUNKS = b"2\r\n{}\r\n0\r\n\r\n"


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """Of granian as the Procfile starts it, with the settings of the tests. Nothing here gets as far as a database."""
    number = ports.any_free()
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--http", "1", "--no-ws"]
    server = subprocess.Popen(
        [*command, "--host", "127.0.0.1", "--port", str(number), "config.wsgi:application"],
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings.test"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(number, server)
        yield number
    finally:
        server.terminate()
        server.wait(timeout=20)


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and server.poll() is None:
        with socket.socket() as client:
            if client.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    pytest.fail("granian did not start")


def send(port: int, request: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=30) as client:
        client.sendall(request)
        answer = b""
        while part := client.recv(65_536):
            answer += part
    return answer


@pytest.mark.parametrize("extra", [b"", b"Content-Length: 2\r\n"], ids=["alone", "with a length"])
def test_a_chunked_body_is_told_to_come_with_its_length(port: int, extra: bytes) -> None:
    answer = send(port, HEAD + b"Transfer-Encoding: chunked\r\n" + extra + b"\r\n" + CHUNKS)
    assert answer.startswith(b"HTTP/1.1 411 ")
    assert b"application/problem+json" in answer
    assert b"/errors/length-required" in answer
    assert answer.count(b"HTTP/1.1") == 1  # the chunks are no second request


def test_a_header_with_underscores_passes_for_one_with_hyphens(port: int) -> None:
    """Nothing that we want: it is why `docs/operators/proxies.md` tells proxies to drop them."""
    answer = send(
        port,
        HEAD + b"X_Request_ID: from-underscores\r\nTransfer-Encoding: chunked\r\n\r\n" + CHUNKS,
    )
    assert b"x-request-id: from-underscores" in answer.lower()
