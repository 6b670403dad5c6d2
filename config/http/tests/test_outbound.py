"""The one way out, against a server that does not mean well."""

import http.server
import socket
import threading
import time
from collections.abc import Callable, Iterator
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from config.http import outbound
from config.http.outbound import (
    AddressRefusedError,
    BadUrlError,
    OutboundError,
    TooLargeError,
    TooSlowError,
    UnreachableError,
)
from config.http.tests.https_server import HttpsServer, answering, https_server

LOOPBACK = [ip_network("127.0.0.0/8"), ip_network("::1/128")]


@pytest.fixture
def server(tmp_path: Path, environment: Callable[..., None]) -> Iterator[HttpsServer]:
    """A server whose authority is trusted and whose network is allowed."""
    with https_server(tmp_path, "rebinding.example") as running:
        environment(
            outbound_allowed_networks=LOOPBACK,
            outbound_ca_file=running.ca_file,
            outbound_timeout=30.0,
        )
        yield running


def test_an_answer_is_its_status_headers_and_body(server: HttpsServer) -> None:
    server.handler = answering(b'{"keys": []}', Content_Type="application/json")

    answer = outbound.send(server.url("/jwks.json?v=1"))

    assert (answer.status, answer.body) == (200, b'{"keys": []}')
    assert answer.headers["content-type"] == "application/json"
    assert server.paths == ["/jwks.json?v=1"]


def test_a_body_can_be_sent(server: HttpsServer) -> None:
    def echo(request: http.server.BaseHTTPRequestHandler) -> None:
        answering(request.rfile.read(int(request.headers["Content-Length"])))(request)

    server.handler = echo

    assert outbound.send(server.url(), method="POST", body=b"hello").body == b"hello"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://example.com/",
        "ftp://example.com/",
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
        "//example.com/",
        "https://",
        "https:///path",
        "https://user@example.com/",
        "https://user:password@example.com/",
        "https://@example.com/",
        "https://example.com/#fragment",
        "https://example.com:99999/",
        "https://example.com:port/",
        "https://exam ple.com/",
        "https://example.com/\r\nX-Evil: 1",
        "https://example.com\\@127.0.0.1/",
        "https://[::1/",
        "https://例え.jp/",
        "https://example.com/" + "a" * 500,
    ],
)
def test_what_is_no_plain_https_url_is_refused_unresolved(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: pytest.fail("it was resolved"))

    with pytest.raises(BadUrlError):
        outbound.send(url)


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "0",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "169.254.169.254",
        "10.0.0.1",
        "192.168.0.1",
        "[fe80::1]",
        "[fd00::1]",
        "224.0.0.1",
    ],
)
def test_no_spelling_of_an_inner_address_is_connected_to(
    host: str, server: HttpsServer, environment: Callable[..., None]
) -> None:
    environment(outbound_allowed_networks=[], outbound_ca_file=server.ca_file)

    with pytest.raises(AddressRefusedError):
        outbound.send(server.url(host=host))
    assert server.paths == []


def resolving(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """Names resolve to one of `answers` after the other. Returns the names that were asked for, as they come."""
    asked: list[str] = []
    real = socket.getaddrinfo

    def look_up(host: str, port: int, *more: Any, **named: Any) -> Any:
        if not host.endswith(".example"):
            return real(host, port, *more, **named)
        asked.append(host)
        addresses = answers[min(len(asked), len(answers)) - 1]
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses
        ]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return asked


def test_a_host_with_one_inner_address_among_public_ones_is_refused(
    server: HttpsServer, environment: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    environment(outbound_allowed_networks=[], outbound_ca_file=server.ca_file)
    resolving(monkeypatch, ["8.8.8.8", "127.0.0.1"])

    with pytest.raises(AddressRefusedError):
        outbound.send(server.url(host="mixed.example"))


def test_the_address_that_was_looked_at_is_the_one_connected_to(
    server: HttpsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = resolving(monkeypatch, ["127.0.0.1"], ["169.254.169.254"])

    assert outbound.send(server.url(host="rebinding.example")).status == 200
    assert asked == ["rebinding.example"]


def test_the_certificate_has_to_be_the_hosts(
    server: HttpsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolving(monkeypatch, ["127.0.0.1"])

    with pytest.raises(UnreachableError):
        outbound.send(server.url(host="other.example"))
    assert server.paths == []


def test_an_authority_that_nobody_named_is_not_trusted(
    server: HttpsServer, environment: Callable[..., None]
) -> None:
    environment(outbound_allowed_networks=LOOPBACK, outbound_ca_file=None)

    with pytest.raises(UnreachableError):
        outbound.send(server.url())


def test_a_redirect_is_not_followed(server: HttpsServer) -> None:
    server.handler = answering(b"", 302, Location="https://169.254.169.254/latest/meta-data/")

    assert outbound.send(server.url("/here")).status == 302
    assert server.paths == ["/here"]


def test_the_proxies_of_the_environment_are_not_asked(
    server: HttpsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")

    assert outbound.send(server.url()).status == 200


@pytest.mark.parametrize("honest", [True, False])
def test_an_answer_that_is_too_large_is_not_read(
    server: HttpsServer, environment: Callable[..., None], honest: bool
) -> None:
    environment(
        outbound_allowed_networks=LOOPBACK,
        outbound_ca_file=server.ca_file,
        outbound_max_answer_bytes=1024,
    )

    def flood(request: http.server.BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        if honest:
            request.send_header("Content-Length", str(1024 * 1024))
        request.end_headers()
        request.wfile.write(b"x" * 1024 * 1024)

    server.handler = flood

    with pytest.raises(TooLargeError):
        outbound.send(server.url())


@pytest.mark.parametrize("where", ["before the headers", "in the headers", "in the body"])
def test_a_server_that_dribbles_is_left_when_the_time_is_over(
    server: HttpsServer, environment: Callable[..., None], where: str
) -> None:
    environment(
        outbound_allowed_networks=LOOPBACK,
        outbound_ca_file=server.ca_file,
        outbound_timeout=0.5,
    )

    def dribble(request: http.server.BaseHTTPRequestHandler) -> None:
        if where == "in the headers":
            request.wfile.write(b"HTTP/1.1 200 OK\r\n")
        if where == "in the body":
            request.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(100):
            if where != "before the headers":
                request.wfile.write(b"x")
                request.wfile.flush()
            time.sleep(0.1)

    server.handler = dribble

    with pytest.raises(TooSlowError):
        outbound.send(server.url())


def test_a_resolver_that_does_not_answer_is_left_when_the_time_is_over(
    server: HttpsServer, environment: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    environment(outbound_timeout=0.2)
    asked, answer_now = threading.Event(), threading.Event()

    def take_long(*_: Any, **__: Any) -> list[Any]:
        asked.set()
        answer_now.wait(timeout=60)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", take_long)

    with pytest.raises(TooSlowError):
        outbound.send("https://slow.example/")
    assert asked.is_set()
    answer_now.set()


def test_a_host_that_does_not_exist_is_unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(socket, "getaddrinfo", fail)

    with pytest.raises(UnreachableError):
        outbound.send("https://nowhere.example/")


def test_a_server_that_speaks_something_else_is_unreachable(server: HttpsServer) -> None:
    def another_protocol(request: http.server.BaseHTTPRequestHandler) -> None:
        request.wfile.write(b"SSH-2.0-OpenSSH\r\n")

    server.handler = another_protocol

    with pytest.raises(UnreachableError):
        outbound.send(server.url())


def test_errors_hold_nothing_of_the_url() -> None:
    with pytest.raises(OutboundError) as refusal:
        outbound.send("https://10.0.0.1/a-secret-path")

    assert "10.0.0.1" not in str(refusal.value)
    assert "a-secret-path" not in str(refusal.value)
