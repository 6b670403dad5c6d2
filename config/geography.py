"""Where in the world an address is: country, city and network, from MMDB files or from our proxy's word.

The files are those of MaxMind and of others who use its format (https://maxmind.github.io/MaxMind-DB/). They are read
into memory, not mapped: a file that is overwritten in place would take a process that has mapped it down.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import maxminddb
import structlog
from django.conf import settings

from config.http import context
from config.http.client_ip import comes_from
from config.http.context import RequestContext
from config.watched_file import WatchedFile

logger = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """What is known; nothing of it is certain. `country` is ISO 3166-1 alpha-2, `asn` the number of the network."""

    country: str = ""
    city: str = ""
    latitude: float | None = None
    longitude: float | None = None
    asn: int | None = None
    network: str = ""


NOWHERE = Place()


class Records:
    """One MMDB file. Raises what `maxminddb` raises for one that is none."""

    def __init__(self, path: Path) -> None:
        self._reader = maxminddb.open_database(path, maxminddb.MODE_MEMORY)
        self.built_at = self._reader.metadata().build_epoch
        self.kind = self._reader.metadata().database_type
        self.of = lru_cache(maxsize=4096)(self._of)

    def _of(self, address: str) -> Mapping[str, Any]:
        try:
            found = self._reader.get(address)
        except (ValueError, maxminddb.InvalidDatabaseError):
            # An IPv6 address in a file of IPv4, or a file that is damaged inside.
            logger.warning("address_not_looked_up", database=self.kind, exc_info=True)
            return {}
        return found if isinstance(found, Mapping) else {}


PLACES = WatchedFile("places", lambda: settings.ENVIRONMENT.geoip_path, Records)
NETWORKS = WatchedFile("networks", lambda: settings.ENVIRONMENT.geoip_asn_path, Records)


def place_of(address: str | None) -> Place:
    """What the files say of `address`; `NOWHERE` without one, without files, and for private addresses."""
    if not address:
        return NOWHERE
    bare = address.partition("%")[0]
    places, networks = PLACES.content(), NETWORKS.content()
    where = places.of(bare) if places else {}
    who = networks.of(bare) if networks else {}
    return Place(
        country=_country(where),
        city=str(_at(where, "city", "names", "en") or ""),
        latitude=_at(where, "location", "latitude"),
        longitude=_at(where, "location", "longitude"),
        asn=_at(who, "autonomous_system_number"),
        network=str(_at(who, "autonomous_system_organization") or ""),
    )


def place_in(request: RequestContext) -> Place:
    """The place of a request. Our proxy's word for the country is taken before the files'."""
    place = place_of(request.ip)
    if not request.country or request.country == place.country:
        return place
    return Place(country=request.country, asn=place.asn, network=place.network)


def here() -> Place:
    """The place of the request in hand."""
    return place_in(context.current())


def country_told_by(meta: Mapping[str, str]) -> str:
    """The country that a trusted proxy named in `geoip_country_header`, or empty. A stranger's header says nothing."""
    header = settings.ENVIRONMENT.geoip_country_header
    if not header or not comes_from(meta, settings.ENVIRONMENT.trusted_proxies):
        return ""
    told = meta.get(f"HTTP_{header.upper().replace('-', '_')}", "")
    known = len(told) == 2 and told.isascii() and told.isalpha() and told.upper() != "XX"
    return told.upper() if known else ""


def _country(record: Mapping[str, Any]) -> str:
    """Where the address is, or failing that where it is registered."""
    code = _at(record, "country", "iso_code") or _at(record, "registered_country", "iso_code")
    return str(code or "")[:2]


def _at(record: Any, *path: str) -> Any:
    """What lies at `path`; None when it is not there. Publishers differ in what they put into a record."""
    for name in path:
        record = record.get(name) if isinstance(record, Mapping) else None
    return record
