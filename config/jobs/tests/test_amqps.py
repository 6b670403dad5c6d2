"""RabbitMQ over TLS: certificates are checked, their authority and their name."""

import socketserver
import ssl
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest
from kombu import Connection

from config.celery import app
from config.devstack.ports import LOOPBACK
from tests.authority import Authority
from tests.forwarding import QuietServer
from tests.tls_door import TlsDoor, tls_door


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """It is one that the system trusts."""
    made = Authority(tmp_path / "ours")
    monkeypatch.setenv("SSL_CERT_FILE", str(made.file))
    return made


@pytest.fixture
def door(authority: Authority) -> Iterator[TlsDoor]:
    """Before somebody who hangs up: that far only those come to whom the certificate proved enough."""
    with QuietServer((LOOPBACK, 0), socketserver.BaseRequestHandler) as nobody:
        Thread(target=nobody.serve_forever, args=(0.05,), daemon=True).start()
        try:
            with tls_door(nobody.server_address[1], authority.certify(LOOPBACK)) as door:
                yield door
        finally:
            nobody.shutdown()


def connect(*ports: int) -> Connection:
    """To the last of these servers, as the service does; those before are away."""
    urls = ";".join(f"amqps://{LOOPBACK}:{port}//" for port in ports)
    connection: Connection = app.connection_for_write(urls)
    for _ in ports[1:]:
        connection.maybe_switch_next()
    return connection


@pytest.mark.parametrize("before", [(), (1,)], ids=["one", "the second of two"])
def test_a_server_that_proves_its_name_is_spoken_to(door: TlsDoor, before: tuple[int, ...]) -> None:
    with connect(*before, door.port) as connection, pytest.raises(OSError) as caught:
        connection.transport.establish_connection()
    assert not isinstance(caught.value, ssl.SSLError)
    assert door.handshakes == 1


@pytest.mark.parametrize("before", [(), (1,)], ids=["one", "the second of two"])
def test_a_certificate_for_another_name_is_refused(
    door: TlsDoor, authority: Authority, before: tuple[int, ...]
) -> None:
    door.present(authority.certify("elsewhere.example"))
    with (
        connect(*before, door.port) as connection,
        pytest.raises(ssl.SSLCertVerificationError, match="address mismatch"),
    ):
        connection.transport.establish_connection()


def test_an_authority_that_the_system_does_not_trust_is_refused(
    door: TlsDoor, tmp_path: Path
) -> None:
    door.present(Authority(tmp_path / "strange").certify(LOOPBACK))
    with (
        connect(door.port) as connection,
        pytest.raises(ssl.SSLCertVerificationError, match="certificate verify failed"),
    ):
        connection.transport.establish_connection()
