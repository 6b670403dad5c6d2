"""Certificates for servers of a test, under an authority that exists for its length."""

import datetime
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

NAME = "A test's authority"


@dataclass
class Authority:
    """`file` has its certificate, for whoever trusts it."""

    folder: Path
    file: Path = field(init=False)
    _key: ec.EllipticCurvePrivateKey = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.folder.mkdir(exist_ok=True)
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.file = self.folder / "authority.pem"
        own = self._certificate(NAME, self._key.public_key(), ())
        self.file.write_bytes(own.public_bytes(serialization.Encoding.PEM))

    def certify(self, *hosts: str) -> Path:
        """A file with a key and the certificate of it for `hosts`, which are names or addresses."""
        key = ec.generate_private_key(ec.SECP256R1())
        chain = self.folder / f"{hosts[0]}.pem"
        chain.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            + self._certificate(hosts[0], key.public_key(), hosts).public_bytes(
                serialization.Encoding.PEM
            )
        )
        return chain

    def _certificate(self, name: str, key: Any, hosts: tuple[str, ...]) -> x509.Certificate:
        """The authority's own, without `hosts`."""
        now = datetime.datetime.now(datetime.UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
            .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)]))
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=not hosts, path_length=None), critical=True)
        )
        if hosts:
            names = x509.SubjectAlternativeName([_subject(host) for host in hosts])
            builder = builder.add_extension(names, critical=False)
        return builder.sign(self._key, hashes.SHA256())


def _subject(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)
