"""Lists that operators give us: networks of servers, and exits of the Tor network."""

import re
from ipaddress import ip_address
from pathlib import Path

from django.conf import settings

from config.watched_file import WatchedFile

AS_NUMBER = re.compile(r"(?:AS)?(\d{1,10})\b", re.IGNORECASE)


def _read_numbers(path: Path) -> frozenset[int]:
    """One number a line; what follows it, empty lines and lines that begin with `#` say nothing.

    Raises ValueError naming a line that holds none.
    """
    numbers = set()
    for line_number, line in enumerate(path.read_text().splitlines(), 1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        found = AS_NUMBER.match(text)
        if found is None:
            raise ValueError(f"line {line_number} is no AS number")
        numbers.add(int(found[1]))
    return frozenset(numbers)


def _read_addresses(path: Path) -> frozenset[str]:
    """One address a line, or the `ExitAddress` lines of https://metrics.torproject.org/collector.html#type-tordnsel.

    Raises ValueError naming a line that holds none.
    """
    addresses = set()
    for line_number, line in enumerate(path.read_text().splitlines(), 1):
        words = line.split()
        if not words or words[0].startswith("#") or words[0] in _BESIDE_THE_ADDRESS:
            continue
        word = words[1] if words[0] == "ExitAddress" and len(words) > 1 else words[0]
        try:
            addresses.add(str(ip_address(word)))
        except ValueError:
            raise ValueError(f"line {line_number} is no address") from None
    return frozenset(addresses)


_BESIDE_THE_ADDRESS = frozenset({"@type", "Downloaded", "ExitNode", "Published", "LastStatus"})

HOSTING_NETWORKS = WatchedFile(
    "hosting networks", lambda: settings.ENVIRONMENT.hosting_asn_path, _read_numbers
)
TOR_EXITS = WatchedFile("Tor exits", lambda: settings.ENVIRONMENT.tor_exit_path, _read_addresses)


def is_hosting_network(asn: int | None) -> bool:
    """Whether servers live in the network of this number, and people seldom."""
    return asn is not None and asn in (HOSTING_NETWORKS.content() or ())


def is_tor_exit(address: str | None) -> bool:
    return address is not None and address in (TOR_EXITS.content() or ())
