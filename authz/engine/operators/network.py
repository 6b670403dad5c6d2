"""`in_network`: an IP address in any of some networks. An address of the other family is in none of them."""

from collections.abc import Iterable
from typing import Any

from authz.engine import values
from authz.engine.errors import flawed
from authz.engine.operators.base import Check, Operator, items, text
from authz.engine.outcomes import Outcome, Unknown


def _literal(operand: Any, where: str) -> Check:
    """Filed by IP version and length of prefix, so that thousands cost no more than there are lengths."""
    prefixes: dict[int, dict[int, set[int]]] = {4: {}, 6: {}}
    for index, item in enumerate(items(operand, where)):
        network = _network(item, f"{where}.{index}")
        below = network.max_prefixlen - network.prefixlen  # bits that the prefix leaves open
        known = prefixes[network.version].setdefault(below, set())
        known.add(int(network.network_address) >> below)

    def check(value: Any) -> Outcome:
        address = values.address(value) if isinstance(value, str) else None
        if address is None:
            return Unknown.WRONG_TYPE
        number = int(address)
        return any(number >> below in known for below, known in prefixes[address.version].items())

    return check


def _network(item: Any, where: str) -> values.Network:
    network = values.network(text(item, where))
    if network is None:
        raise flawed(where, "syntax", "Not a network in CIDR form, such as 203.0.113.0/24.")
    return network


def _dynamic(value: Any, other: Any) -> Outcome:
    if not isinstance(other, values.LISTS):
        return Unknown.WRONG_TYPE
    networks = [values.network(item) if isinstance(item, str) else None for item in other]
    if None in networks:
        return Unknown.WRONG_TYPE
    return _within(value, [network for network in networks if network is not None])


def _within(value: Any, networks: Iterable[values.Network]) -> Outcome:
    address = values.address(value) if isinstance(value, str) else None
    if address is None:
        return Unknown.WRONG_TYPE
    return any(address in network for network in networks)


IN_NETWORK = Operator(_literal, _dynamic)
