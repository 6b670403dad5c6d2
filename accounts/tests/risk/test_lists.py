"""Lists of networks and addresses that operators give us."""

from collections.abc import Callable
from pathlib import Path

import pytest

from accounts.services.risk import lists

TORDNSEL = """@type tordnsel 1.0
Downloaded 2026-11-25 00:00:00
ExitNode 0011BD2485AD45D984EC4159C88FC066E5E3300E
Published 2026-11-24 14:39:05
LastStatus 2026-11-24 16:00:00
ExitAddress 192.0.2.9 2026-11-24 16:21:13
"""


@pytest.fixture(autouse=True)
def files(tmp_path: Path, environment: Callable[..., None]) -> None:
    environment(
        hosting_asn_path=tmp_path / "asn.txt",
        tor_exit_path=tmp_path / "tor.txt",
        watched_file_interval=0,
    )


def test_numbers_are_read_with_and_without_as_and_with_what_follows(tmp_path: Path) -> None:
    (tmp_path / "asn.txt").write_text("# clouds\n\nAS64501\nas64502  Fjord Servers\n64503,x\n")
    assert [lists.is_hosting_network(number) for number in (64501, 64502, 64503)] == [True] * 3
    assert not lists.is_hosting_network(64500)
    assert not lists.is_hosting_network(None)


def test_addresses_are_read_one_a_line(tmp_path: Path) -> None:
    (tmp_path / "tor.txt").write_text("# exits\n192.0.2.9\n2001:0DB8::9\n")
    assert lists.is_tor_exit("192.0.2.9")
    assert lists.is_tor_exit("2001:db8::9")
    assert not lists.is_tor_exit("192.0.2.8")
    assert not lists.is_tor_exit(None)


def test_the_tor_projects_own_list_is_read(tmp_path: Path) -> None:
    (tmp_path / "tor.txt").write_text(TORDNSEL)
    assert lists.is_tor_exit("192.0.2.9")


@pytest.mark.parametrize("text", ["an exit", "ExitAddress", "192.0.2.300"])
def test_a_line_that_is_no_address_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "tor.txt").write_text(f"192.0.2.9\n{text}\n")
    assert not lists.is_tor_exit("192.0.2.9")
    assert lists.TOR_EXITS.error == "ValueError: line 2 is no address"


def test_a_line_that_is_no_number_is_named(tmp_path: Path) -> None:
    (tmp_path / "asn.txt").write_text("64501\ncloud\n")
    assert not lists.is_hosting_network(64501)
    assert lists.HOSTING_NETWORKS.error == "ValueError: line 2 is no AS number"
