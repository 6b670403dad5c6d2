"""Whose word is taken for where a request came from."""

from ipaddress import ip_network

import pytest

from config.http.client_ip import client_ip, comes_from

PROXIES = [ip_network("10.0.0.0/8"), ip_network("2001:db8::/32")]


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("192.0.2.1", "", "192.0.2.1"),
        ("192.0.2.1", "198.51.100.7", "192.0.2.1"),
        ("10.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "203.0.113.9, 198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "203.0.113.9, 198.51.100.7, 10.2.3.4", "198.51.100.7"),
        ("10.0.0.1", "10.2.3.4", "10.2.3.4"),
        ("10.0.0.1", "nonsense", "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("2001:db8::1", "2001:0DB8:1::5, 2001:4860::1", "2001:4860::1"),
        ("::ffff:192.0.2.1", "", "192.0.2.1"),
        ("", "198.51.100.7", None),
        ("10.0.0.1", "nonsense, 198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "198.51.100.7, nonsense", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.7, nonsense, 10.2.3.4", "10.2.3.4"),
        ("10.0.0.1", " , ,198.51.100.7 ,, ", "198.51.100.7"),
        ("::ffff:10.0.0.1", "::ffff:198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "2001:db8::2, 2001:4860:0:0::1, 2001:db8::3", "2001:4860::1"),
        ("fe80::1%eth0", "", "fe80::1"),
        ("10.0.0.1", "fe80::1%eth0", "fe80::1"),
        ("10.0.0.1", "203.0.113.9" + ", 10.1.1.1" * 500, "203.0.113.9"),
        ("10.0.0.1", "203.0.113.9, " * 500 + "198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "198.51.100.7:4711", "10.0.0.1"),
        ("10.0.0.1", "1" * 8_000, "10.0.0.1"),
    ],
)
def test_only_trusted_proxies_are_believed(peer: str, forwarded: str, expected: str | None) -> None:
    assert client_ip({"REMOTE_ADDR": peer, "HTTP_X_FORWARDED_FOR": forwarded}, PROXIES) == expected


@pytest.mark.parametrize(
    ("peer", "proxy"),
    [
        ("10.0.0.1", True),
        ("::ffff:10.0.0.1", True),
        ("2001:db8::1", True),
        ("192.0.2.1", False),
        ("", False),
    ],
)
def test_a_peer_is_a_proxy_or_it_is_not(peer: str, proxy: bool) -> None:
    assert comes_from({"REMOTE_ADDR": peer, "HTTP_X_FORWARDED_FOR": "10.0.0.1"}, PROXIES) is proxy
