import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from secrets import token_hex
from stat import S_IMODE
from threading import Barrier

import pytest

from config.devstack.errors import DevstackError
from config.devstack.files import keep, private_folder, replace
from config.devstack.layout import Layout

STRANGER = 54321


def test_a_kept_file_is_made_once(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "key"
    assert keep(path, lambda: "first").read_text() == "first"
    assert keep(path, lambda: "second").read_text() == "first"


def test_a_kept_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = keep(tmp_path / "keys" / "key", lambda: "secret")
    assert S_IMODE(path.stat().st_mode) == 0o600
    assert S_IMODE(path.parent.stat().st_mode) == 0o700


def test_many_that_make_a_file_at_once_agree(tmp_path: Path) -> None:
    path, start = tmp_path / "key", Barrier(8)

    def make() -> str:
        def slowly() -> str:
            start.wait()  # all have seen that it is not there
            return token_hex(16)

        return keep(path, slowly).read_text()

    with ThreadPoolExecutor(8) as pool:
        answers = {future.result() for future in [pool.submit(make) for _ in range(8)]}
    assert len(answers) == 1
    assert [entry.name for entry in tmp_path.iterdir()] == ["key"]


def test_secrets_of_a_state_folder_stay_the_same_and_differ_between_folders(tmp_path: Path) -> None:
    one, other = Layout(tmp_path / "one"), Layout(tmp_path / "other")
    assert one.django_secret() == one.django_secret() != other.django_secret()
    assert len(one.django_secret()) >= 50
    assert one.vault_key_file().read_text() != other.vault_key_file().read_text()


def test_replacing_a_file_leaves_no_draft(tmp_path: Path) -> None:
    for content in (b"old", b"new"):
        replace(tmp_path / "file", content)
    assert [entry.read_bytes() for entry in tmp_path.iterdir()] == [b"new"]


def test_a_folder_is_made_private_whatever_the_umask(tmp_path: Path) -> None:
    (tmp_path / "open").mkdir(mode=0o777)
    assert S_IMODE(private_folder(tmp_path / "open").stat().st_mode) == 0o700
    assert S_IMODE(private_folder(tmp_path / "a" / "b", mode=0o711).stat().st_mode) == 0o711


def test_a_link_in_place_of_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(DevstackError, match="in the way"):
        private_folder(tmp_path / "link")


def test_a_folder_that_somebody_else_made_is_refused(tmp_path: Path) -> None:
    foreign = Path("/usr")  # root's, which an ordinary user may not take over
    if os.geteuid() == 0:
        foreign = tmp_path / "foreign"
        foreign.mkdir()
        os.chown(foreign, STRANGER, -1)
    with pytest.raises(DevstackError, match="belongs to another user"):
        private_folder(foreign)
