"""Who PostgreSQL runs as."""

import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from config.devstack import account
from config.devstack.account import CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, Account, able_to_reach
from config.devstack.errors import DevstackError

SOMEBODY = Account(uid=54321, gid=54321)


@pytest.fixture
def hidden() -> Iterator[Path]:
    """A folder below one that only its owner may enter, with no other such folder above."""
    with TemporaryDirectory() as private:
        (Path(private) / "data").mkdir()
        yield Path(private) / "data"


def test_an_ordinary_user_runs_it_alone_and_root_lends_it_another() -> None:
    found = account.database_account()
    if os.geteuid() == 0:
        assert found is not None
        assert found.uid != 0
        assert found.capability is None
    else:
        assert found is None


def test_no_capability_is_lent_without_need() -> None:
    assert able_to_reach(SOMEBODY, [Path("/usr/bin/env")]) == SOMEBODY


@pytest.mark.parametrize(
    ("ours", "lent"),
    [
        (1 << CAP_DAC_READ_SEARCH | 1 << CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH),
        (1 << CAP_DAC_OVERRIDE, CAP_DAC_OVERRIDE),
    ],
)
def test_the_smallest_capability_that_we_have_is_lent(
    hidden: Path, monkeypatch: pytest.MonkeyPatch, ours: int, lent: int
) -> None:
    monkeypatch.setattr(account, "_permitted", lambda: ours)
    assert able_to_reach(SOMEBODY, [hidden]).capability == lent


def test_without_a_capability_to_lend_the_folder_is_named(
    hidden: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(account, "_permitted", lambda: 0)
    with pytest.raises(DevstackError, match=str(hidden)):
        able_to_reach(SOMEBODY, [hidden])


def test_owners_and_groups_enter_by_their_own_bits(hidden: Path) -> None:
    found = hidden.parent.stat()
    owner = Account(uid=found.st_uid, gid=54321)
    member = Account(uid=54321, gid=found.st_gid)
    hidden.parent.chmod(0o710)
    assert able_to_reach(owner, [hidden]) == owner
    assert able_to_reach(member, [hidden]) == member


def test_a_system_without_useradd_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(account, "USER", "no-such-user-here")
    monkeypatch.setattr("shutil.which", lambda *_args, **_options: None)
    with pytest.raises(DevstackError, match="useradd"):
        account.database_account()


def test_a_user_that_cannot_be_made_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(account, "USER", "not:a:name")
    with pytest.raises(DevstackError, match=r"could not be made|useradd"):
        account.database_account()


def test_a_user_without_a_name_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 3_999_999_999)
    with pytest.raises(DevstackError, match=r"3999999999 has no name"):
        account.our_name()
