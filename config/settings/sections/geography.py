"""Settings: where people are."""

from pathlib import Path

from pydantic import Field

from config.settings.sections.section import Hour, Section


class Geography(Section):
    """Where people are"""

    geoip_path: Path | None = Field(
        None,
        description="An MMDB file of cities or countries, such as GeoLite2-City. Unset: places are not known.",
    )
    geoip_asn_path: Path | None = Field(
        None, description="An MMDB file of networks (autonomous systems), such as GeoLite2-ASN."
    )
    geoip_country_header: str = Field(
        "",
        description="A header in which our proxy tells the country, such as `CF-IPCountry`. "
        "Believed from `TRUSTED_PROXIES` alone.",
    )
    hosting_asn_path: Path | None = Field(
        None,
        description="A file of the numbers of hosting networks, one a line (`AS16509` or `16509`).",
    )
    tor_exit_path: Path | None = Field(
        None,
        description="A file of the addresses of Tor exits, one a line, or as the Tor Project publishes them.",
    )
    watched_file_interval: float = Field(
        10.0,
        ge=0,
        le=Hour,
        description="How often these files are looked at: a new version is in force after so many seconds.",
    )
