"""What a request on a stranger's behalf may reach: the public internet and nothing of ours."""

from ipaddress import ip_network

import pytest

from config.http.public_addresses import may_be_reached

REFUSED = [
    "0.0.0.0",  # noqa: S104
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:a9fe:a9fe",
    "::127.0.0.1",
    "64:ff9b::10.0.0.1",
    "64:ff9b:1::10.0.0.1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:a00:1::",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
]


@pytest.mark.parametrize("address", REFUSED)
def test_an_address_that_is_not_public_is_refused(address: str) -> None:
    assert not may_be_reached(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "1.1.1.1", "172.32.0.1", "::ffff:8.8.8.8", "2606:4700:4700::1111"]
)
def test_a_public_address_may_be_reached(address: str) -> None:
    assert may_be_reached(address)


@pytest.mark.parametrize(
    "nonsense", ["", "localhost", "127.1", "2130706433", "0x7f.1", "1.1.1.1:80"]
)
def test_what_is_no_address_is_refused(nonsense: str) -> None:
    assert not may_be_reached(nonsense)


def test_a_network_may_be_allowed_although_it_is_not_public() -> None:
    ours = [ip_network("10.2.0.0/16")]

    assert may_be_reached("10.2.3.4", ours)
    assert may_be_reached("::ffff:10.2.3.4", ours)
    assert not may_be_reached("10.3.0.1", ours)
