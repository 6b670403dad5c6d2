"""Where an address is, from files that we write here, and from a proxy that we trust."""

from collections.abc import Callable
from ipaddress import ip_network
from pathlib import Path

import pytest

from config.geography import NOWHERE, Place, country_told_by, place_in, place_of
from config.http.context import RequestContext
from config.telemetry import probes
from config.telemetry.health import NotSetUpError
from config.telemetry.probes import FileNotReadError
from config.tests.mmdb import (
    ASNS,
    CITIES,
    HOSTING,
    IN_MUMBAI,
    IN_OSLO,
    IN_OSLO_V6,
    IN_PUNE,
    MUMBAI,
    write_mmdb,
)


@pytest.mark.usefixtures("mapped")
def test_an_address_has_a_country_a_city_and_a_network() -> None:
    assert place_of(IN_OSLO) == Place(
        country="NO",
        city="Oslo",
        latitude=59.91,
        longitude=10.75,
        asn=HOSTING,
        network="Fjord Servers",
    )
    assert place_of(IN_MUMBAI).asn is None
    assert place_of(IN_OSLO_V6).city == "Oslo"


@pytest.mark.usefixtures("mapped")
@pytest.mark.parametrize("address", [None, "", "10.0.0.1", "::1", "fe80::1%eth0", "no address"])
def test_what_is_on_no_map_is_nowhere(address: str | None) -> None:
    assert place_of(address) == NOWHERE


def test_without_files_everything_is_nowhere() -> None:
    assert place_of(IN_PUNE) == NOWHERE


def test_a_file_of_countries_is_enough(tmp_path: Path, environment: Callable[..., None]) -> None:
    countries = {
        "192.0.2.0/24": {"country": {"iso_code": "IN"}},
        "198.51.100.0/24": {"registered_country": {"iso_code": "NO"}},
        "203.0.113.0/24": {"country": "a text", "city": ["a list"]},
    }
    environment(geoip_path=write_mmdb(tmp_path / "country.mmdb", countries))
    assert place_of(IN_PUNE) == Place(country="IN")
    assert place_of(IN_MUMBAI) == Place(country="NO")
    assert place_of(IN_OSLO) == NOWHERE


def test_a_file_of_ipv4_says_nothing_of_ipv6(
    tmp_path: Path, environment: Callable[..., None]
) -> None:
    four = {network: record for network, record in CITIES.items() if ":" not in network}
    environment(geoip_path=write_mmdb(tmp_path / "four.mmdb", four, version=4))
    assert place_of(IN_OSLO).city == "Oslo"
    assert place_of(IN_OSLO_V6) == NOWHERE


def test_a_replaced_file_is_in_force_without_a_restart(mapped: Path) -> None:
    assert place_of(IN_PUNE).city == "Pune"
    write_mmdb(mapped / "city.mmdb", {"192.0.2.0/24": MUMBAI})
    assert place_of(IN_PUNE).city == "Mumbai"


def test_a_file_overwritten_in_place_with_rubbish_leaves_the_last_good_one(mapped: Path) -> None:
    assert place_of(IN_PUNE).city == "Pune"
    (mapped / "city.mmdb").write_bytes(b"half a download")
    assert place_of(IN_PUNE).city == "Pune"
    with pytest.raises(FileNotReadError, match="places"):
        probes.places()


def test_the_probe_tells_which_files_are_in_force(mapped: Path) -> None:
    facts = probes.places()
    assert (facts["places"]["kind"], facts["networks"]["kind"]) == ("Test-City", "Test-ASN")


def test_the_probe_tells_that_no_file_is_set() -> None:
    with pytest.raises(NotSetUpError, match="GEOIP_PATH"):
        probes.places()


def test_a_missing_file_is_told(tmp_path: Path, environment: Callable[..., None]) -> None:
    environment(geoip_path=tmp_path / "none.mmdb")
    assert place_of(IN_PUNE) == NOWHERE
    with pytest.raises(FileNotReadError, match="No such file"):
        probes.places()


@pytest.mark.parametrize(
    ("peer", "told", "country"),
    [
        ("10.0.0.1", "IN", "IN"),
        ("10.0.0.1", "in", "IN"),
        ("203.0.113.9", "IN", ""),
        ("10.0.0.1", "XX", ""),
        ("10.0.0.1", "T1", ""),
        ("10.0.0.1", "India", ""),
        ("10.0.0.1", "\u0131N", ""),
        ("10.0.0.1", "", ""),
        ("", "IN", ""),
    ],
)
def test_a_country_is_taken_from_trusted_proxies_alone(
    environment: Callable[..., None], peer: str, told: str, country: str
) -> None:
    environment(geoip_country_header="CF-IPCountry", trusted_proxies=[ip_network("10.0.0.0/8")])
    assert country_told_by({"REMOTE_ADDR": peer, "HTTP_CF_IPCOUNTRY": told}) == country


def test_no_header_is_read_unless_it_is_set(environment: Callable[..., None]) -> None:
    environment(trusted_proxies=[ip_network("10.0.0.0/8")])
    assert country_told_by({"REMOTE_ADDR": "10.0.0.1", "HTTP_CF_IPCOUNTRY": "IN"}) == ""


@pytest.mark.usefixtures("mapped")
def test_a_proxy_that_contradicts_the_file_leaves_no_city_of_another_country() -> None:
    assert place_in(RequestContext(ip=IN_OSLO, country="NO")).city == "Oslo"
    contradicted = place_in(RequestContext(ip=IN_OSLO, country="IN"))
    assert (contradicted.country, contradicted.city, contradicted.latitude) == ("IN", "", None)
    assert contradicted.asn == ASNS["203.0.113.0/24"]["autonomous_system_number"]
