"""Whose word is taken for the certificate that a connection was made with."""

import datetime
import hashlib
from base64 import b64encode, urlsafe_b64encode
from ipaddress import ip_network
from urllib.parse import quote

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from config.http.client_certificate import certificate_thumbprint, thumbprint_of_pem

PROXY = "10.0.0.1"
TRUSTED = [ip_network("10.0.0.0/8")]


def a_certificate() -> x509.Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "orders")])
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )


CERTIFICATE = a_certificate()
DER = CERTIFICATE.public_bytes(serialization.Encoding.DER)
PEM = CERTIFICATE.public_bytes(serialization.Encoding.PEM).decode()
THUMBPRINT = urlsafe_b64encode(hashlib.sha256(DER).digest()).decode().rstrip("=")


def told(value: str, *, peer: str = PROXY, header: str | None = "Client-Cert") -> str:
    meta = {"REMOTE_ADDR": peer, "HTTP_CLIENT_CERT": value}
    return certificate_thumbprint(meta, header=header, trusted=TRUSTED)


@pytest.mark.parametrize(
    "value",
    [
        f":{b64encode(DER).decode()}:",
        quote(PEM, safe=""),
        quote(PEM, safe="/"),
        hashlib.sha256(DER).hexdigest(),
        hashlib.sha256(DER).hexdigest().upper(),
    ],
    ids=["RFC 9440", "nginx", "nginx, slashes kept", "SHA-256", "SHA-256 in capitals"],
)
def test_a_proxy_tells_the_certificate_in_the_ways_that_proxies_do(value: str) -> None:
    assert told(value) == THUMBPRINT


@pytest.mark.parametrize("peer", ["192.0.2.1", "", "nonsense", "::1"])
def test_nobody_but_a_trusted_proxy_is_believed(peer: str) -> None:
    assert told(hashlib.sha256(DER).hexdigest(), peer=peer) == ""


def test_without_a_header_of_the_settings_none_is_read() -> None:
    assert told(hashlib.sha256(DER).hexdigest(), header=None) == ""


@pytest.mark.parametrize(
    "value",
    [
        "",
        "none",
        "::",
        ":not base64!:",
        quote(PEM.replace("BEGIN", "BEGIM"), safe=""),
        f"{hashlib.sha256(DER).hexdigest()},{hashlib.sha256(DER).hexdigest()}",
        f":{b64encode(DER).decode()}:, :{b64encode(DER).decode()}:",
        THUMBPRINT,
        ":" + "A" * 20_000 + ":",
    ],
    ids=[
        "empty",
        "a word",
        "nothing between colons",
        "no base64",
        "another kind of PEM",
        "two hashes",
        "two certificates",
        "a thumbprint",
        "too long",
    ],
)
def test_a_header_that_cannot_be_read_is_no_certificate(value: str) -> None:
    assert told(value) == ""


def test_the_thumbprint_of_a_pem_file() -> None:
    assert thumbprint_of_pem(PEM) == THUMBPRINT
    for nonsense in ("", "PEM", PEM.replace("END", "")):
        with pytest.raises(ValueError, match=r"."):
            thumbprint_of_pem(nonsense)
