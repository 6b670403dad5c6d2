"""From where alone a service client may act: networks, and the certificate of its TLS connection (RFC 8705)."""

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Literal

from config.http.context import RequestContext
from config.http.public_addresses import plain

Unmet = Literal["network", "certificate"]


@dataclass(frozen=True, kw_only=True, slots=True)
class ClientBinding:
    """True when it binds to anything. `certificates` are `x5t#S256` thumbprints."""

    networks: tuple[IPv4Network | IPv6Network, ...] = ()
    certificates: frozenset[str] = frozenset()

    @classmethod
    def of(cls, *, networks: Iterable[str], certificates: Iterable[str]) -> "ClientBinding":
        """From the columns of a client, which hold what was checked when it was written."""
        return cls(
            networks=tuple(ip_network(network) for network in networks),
            certificates=frozenset(certificates),
        )

    def __bool__(self) -> bool:
        return bool(self.networks or self.certificates)

    def unmet_by(self, request: RequestContext) -> Unmet | None:
        """What the request lacks, or None when it comes from where the client may act."""
        if self.networks and not self._holds_address(request.ip):
            return "network"
        if self.certificates and request.client_certificate not in self.certificates:
            return "certificate"
        return None

    def _holds_address(self, ip: str | None) -> bool:
        if ip is None:
            return False
        address = plain(ip_address(ip))
        return any(address in network for network in self.networks)
