"""Small MMDB files, written for the test that reads them. Addresses are those of RFC 5737 and RFC 3849."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mmdb_writer import MMDBWriter
from netaddr import IPSet  # type: ignore[import-untyped]

PUNE = {
    "country": {"iso_code": "IN", "names": {"en": "India"}},
    "city": {"names": {"en": "Pune", "hi": "पुणे"}},
    "location": {"latitude": 18.52, "longitude": 73.86},
}
MUMBAI = {
    "country": {"iso_code": "IN", "names": {"en": "India"}},
    "city": {"names": {"en": "Mumbai"}},
    "location": {"latitude": 19.08, "longitude": 72.88},
}
OSLO = {
    "country": {"iso_code": "NO", "names": {"en": "Norway"}},
    "city": {"names": {"en": "Oslo"}},
    "location": {"latitude": 59.91, "longitude": 10.75},
}
IN_PUNE, IN_MUMBAI, IN_OSLO, IN_OSLO_V6 = "192.0.2.7", "198.51.100.7", "203.0.113.7", "2001:db8::7"
CITIES = {
    "192.0.2.0/24": PUNE,
    "198.51.100.0/24": MUMBAI,
    "203.0.113.0/24": OSLO,
    "2001:db8::/32": OSLO,
}
ISP, HOSTING = 64_500, 64_501  # RFC 5398
ASNS = {
    "192.0.2.0/24": {
        "autonomous_system_number": ISP,
        "autonomous_system_organization": "Deccan Broadband",
    },
    "203.0.113.0/24": {
        "autonomous_system_number": HOSTING,
        "autonomous_system_organization": "Fjord Servers",
    },
}


def write_mmdb(
    path: Path, records: Mapping[str, Any], *, kind: str = "Test-City", version: int = 6
) -> Path:
    """Write `records`, a network each, to `path`, all at once as a careful operator does; returns `path`."""
    writer = MMDBWriter(version, ipv4_compatible=version == 6, database_type=kind)
    for network, record in records.items():
        writer.insert_network(IPSet([network]), record)
    fresh = path.with_suffix(".new")
    writer.to_db_file(str(fresh))
    return fresh.rename(path)
