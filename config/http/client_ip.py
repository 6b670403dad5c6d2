"""The address that a request really came from."""

from collections.abc import Iterable, Mapping
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network


def client_ip(meta: Mapping[str, str], trusted: Iterable[IPv4Network | IPv6Network]) -> str | None:
    """The nearest address that is not one of our own proxies, or None for a peer without one (a Unix socket).

    `X-Forwarded-For` is read from the right, and only as far as each hop is in `trusted`: what a stranger
    wrote into the header is never believed.
    """
    networks = tuple(trusted)
    address = _parse(meta.get("REMOTE_ADDR", ""))
    hops = [hop.strip() for hop in meta.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()]
    while address is not None and hops and any(ip_address(address) in net for net in networks):
        nearer = _parse(hops.pop())
        if nearer is None:
            break
        address = nearer
    return address


UNKNOWN = "unknown"  # where peers without an address are


def household_of(address: str | None) -> str:
    """An IPv4 address itself, or an IPv6 /64, which is what one household gets."""
    return _network(address, 32, 64)


def network_of(address: str | None) -> str:
    """The /24 of an IPv4 address, or the /48 of an IPv6 one, which is what one site gets (RFC 6177)."""
    return _network(address, 24, 48)


def _network(address: str | None, length: int, length_of_six: int) -> str:
    if not address:
        return UNKNOWN
    if ":" in address:
        length = length_of_six
    elif length == 32:
        return address
    return str(ip_network((address.partition("%")[0], length), strict=False))


def comes_from(meta: Mapping[str, str], trusted: Iterable[IPv4Network | IPv6Network]) -> bool:
    """Whether the connection itself was made by one of `trusted`: what its headers say may be believed."""
    peer = _parse(meta.get("REMOTE_ADDR", ""))
    return peer is not None and any(ip_address(peer) in network for network in trusted)


def _parse(text: str) -> str | None:
    """In canonical form, without the zone of a link-local address, which means nothing away from its machine."""
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped or address)
