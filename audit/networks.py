"""Addresses and networks as people write them."""

from ipaddress import IPv4Network, IPv6Network, ip_network

Network = IPv4Network | IPv6Network


def parse_network(text: str) -> Network | None:
    """The network in `text`, one address being a network of one; None when it is neither.

    An IPv4-mapped one (RFC 4291 section 2.5.5.2) becomes the IPv4 network that it holds, which is how the trail keeps
    such addresses. One with a zone (`fe80::1%eth0`) is none: zones mean nothing away from their machine.
    """
    if "%" in text:
        return None
    try:
        network = ip_network(text, strict=False)
    except ValueError:
        return None
    mapped = getattr(network.network_address, "ipv4_mapped", None)
    if mapped is None or network.prefixlen < 96:
        return network
    return IPv4Network((mapped, network.prefixlen - 96), strict=False)
