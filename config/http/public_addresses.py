"""Which addresses are the public internet's: what a request that somebody else asked for may reach."""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

IPAddress = IPv4Address | IPv6Address
IPNetwork = IPv4Network | IPv6Network

# Of IANA's special-purpose registries (RFC 6890) what `is_global` misses, depending on the version of Python. Some
# stand for an IPv4 address elsewhere (6to4, Teredo, NAT64): who knows what is behind them.
SPECIAL = tuple(
    ip_network(text)
    for text in (
        "192.0.0.0/24",
        "192.88.99.0/24",
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "100::/32",
        "2001::/23",
        "2002::/16",
        "3fff::/20",
        "5f00::/16",
        "fec0::/10",
    )
)


def may_be_reached(address: str, also: Iterable[IPNetwork] = ()) -> bool:
    """Whether `address` is public, or in one of the networks allowed anyway. Nothing that is no address is."""
    try:
        parsed = plain(ip_address(address))
    except ValueError:
        return False
    return is_public(parsed) or any(parsed in network for network in also)


def plain(address: IPAddress) -> IPAddress:
    """An IPv4 address that was written as an IPv6 one (`::ffff:10.0.0.1`) as what it is."""
    return getattr(address, "ipv4_mapped", None) or address


def is_public(address: IPAddress) -> bool:
    """A unicast address of the public internet."""
    if any(address in network for network in SPECIAL):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved)
