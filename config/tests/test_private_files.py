"""Who may reach a file with a secret."""

import os
import stat

import pytest

from config.private_files import is_exposed

ROOT, SOMEBODY = 0, 10001


def file(mode: int, *, owner: int) -> os.stat_result:
    return os.stat_result((stat.S_IFREG | mode, 1, 1, 1, owner, 0, 44, 0, 0, 0))


@pytest.mark.parametrize(
    ("mode", "owner"), [(0o600, SOMEBODY), (0o400, ROOT), (0o440, ROOT), (0o640, ROOT)]
)
def test_a_private_file_is_one_of_its_owner_or_of_root_and_a_group(mode: int, owner: int) -> None:
    assert not is_exposed(file(mode, owner=owner))


@pytest.mark.parametrize(
    ("mode", "owner"),
    [
        (0o640, SOMEBODY),
        (0o604, ROOT),
        (0o660, ROOT),
        (0o650, ROOT),
        (0o644, SOMEBODY),
        (0o602, ROOT),
    ],
)
def test_a_file_that_others_can_reach_is_exposed(mode: int, owner: int) -> None:
    assert is_exposed(file(mode, owner=owner))
