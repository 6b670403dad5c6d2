"""The file that a list of breached passwords is kept in."""

from pathlib import Path

import pytest

from accounts.breached.errors import BreachedListError
from accounts.breached.filter_file import BreachedList, check_header, digest_of, size_for

DIGESTS = [digest_of(f"password {n}") for n in range(2000)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    target = tmp_path / "list"
    BreachedList.of(DIGESTS, expected=len(DIGESTS), rate=0.001).write(target)
    return target


def test_what_was_put_in_is_found_again(path: Path) -> None:
    known = BreachedList.read(path)
    assert (known.passwords, known.rate) == (2000, 0.001)
    assert all(digest in known for digest in DIGESTS)


def test_of_others_hardly_any_is_taken_for_one(path: Path) -> None:
    known = BreachedList.read(path)
    mistaken = sum(digest_of(f"another {n}") in known for n in range(20_000))
    assert mistaken < 60  # 20 are expected at the rate of 0.001


def test_the_same_passwords_make_the_same_file(path: Path, tmp_path: Path) -> None:
    again = tmp_path / "again"
    BreachedList.of(reversed(DIGESTS), expected=len(DIGESTS), rate=0.001).write(again)
    assert again.read_bytes() == path.read_bytes()


def test_its_size_is_foretold(path: Path) -> None:
    assert path.stat().st_size == pytest.approx(size_for(len(DIGESTS), 0.001), rel=0.1)


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[:-1],
        lambda data: data[:-1] + bytes([data[-1] ^ 1]),
        lambda data: data[:20] + bytes([data[20] ^ 1]) + data[21:],  # the count in the header
        lambda data: data[:26],
    ],
)
def test_a_damaged_file_is_refused(path: Path, damage: object) -> None:
    assert callable(damage)
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(BreachedListError, match="damaged"):
        BreachedList.read(path)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "not a list"),
        (b"123456\npassword\n" * 10, "not a list"),
        (b"GHBREACH\x00\x02" + bytes(100), "version 2"),
    ],
)
def test_another_file_is_refused_at_the_first_look(path: Path, data: bytes, reason: str) -> None:
    path.write_bytes(data)
    with pytest.raises(BreachedListError, match=reason):
        check_header(path)
    with pytest.raises(BreachedListError, match=reason):
        BreachedList.read(path)
