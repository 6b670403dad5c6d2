"""Files and folders that are ours alone."""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from stat import S_IMODE, S_ISDIR
from tempfile import mkstemp

from config.devstack.errors import DevstackError


def keep(path: Path, make: Callable[[], str]) -> Path:
    """The file at `path`, mode 0600; made with what `make` returns when it is not there.

    It appears whole or not at all, and of two processes that make it at once both get the first one's.
    """
    if path.exists():
        return path
    private_folder(path.parent)
    draft = _draft(path, make().encode())
    try:
        os.link(draft, path)
    except FileExistsError:
        return path  # somebody was faster, and theirs counts
    finally:
        draft.unlink()
    return path


def replace(path: Path, content: bytes) -> None:
    """Write the file at `path`, mode 0600; a reader sees the old content or the new, never half of it."""
    _draft(path, content).replace(path)


def _draft(path: Path, content: bytes) -> Path:
    handle, draft = mkstemp(dir=path.parent, prefix=".draft-")  # mode 0600
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(handle)
    return Path(draft)


def private_folder(path: Path, *, mode: int = 0o700, owner: int | None = None) -> Path:
    """The folder at `path`, of `owner` (a user id; we ourselves by default) and with `mode`; made when missing.

    Raises DevstackError when something else is in its place or when a stranger made it: in /tmp anybody may have
    been there before us.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):
        path.mkdir(mode)
    us = os.geteuid()
    owner = us if owner is None else owner
    found = path.lstat()
    if not S_ISDIR(found.st_mode):
        raise DevstackError(f"{path} is in the way: a folder should be there.")
    if found.st_uid not in {us, owner}:
        raise DevstackError(
            f"{path} belongs to another user; set STATE_DIR to a folder of your own."
        )
    if found.st_uid != owner:
        os.chown(path, owner, -1)
    if S_IMODE(found.st_mode) != mode:
        path.chmod(mode)
    return path
