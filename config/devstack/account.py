"""Who PostgreSQL runs as: it refuses to be root, so root lends it a user of its own.

That user must reach the program and its data, which may lie below a folder that only root may enter, such as /root.
The wheel opens every such parent to everybody (chmod o+rx). We leave folders alone and give the one process a
single capability instead, to pass folders that it may not read; only root can connect to it (peer authentication),
so nobody gains anything by it. Where nothing is in the way, it gets none.
"""

import os
import pwd
import re
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from config.devstack.errors import DevstackError

USER = "pgserver"  # the name that the wheel uses
# capabilities(7); the second is what containers without the first usually have
CAP_DAC_READ_SEARCH, CAP_DAC_OVERRIDE = 2, 1


@dataclass(frozen=True)
class Account:
    """A user to run as, with at most one capability."""

    uid: int
    gid: int
    capability: int | None = None


def database_account() -> Account | None:
    """The user that PostgreSQL runs as, made when missing; None: we ourselves.

    Raises DevstackError where root may not make a user.
    """
    if os.geteuid() != 0:
        return None
    entry = _entry() or _make()
    return Account(entry.pw_uid, entry.pw_gid)


def able_to_reach(account: Account, paths: Iterable[Path]) -> Account:
    """The account, with a capability if one of the existing `paths` needs it.

    Raises DevstackError where root itself has none to lend.
    """
    hidden = [path for path in paths if not _reachable(path, account)]
    if not hidden:
        return account
    for capability in (CAP_DAC_READ_SEARCH, CAP_DAC_OVERRIDE):
        if _permitted() >> capability & 1:
            return replace(account, capability=capability)
    raise DevstackError(
        f"PostgreSQL runs as the user {USER}, who cannot reach {hidden[0]}. "
        "Set STATE_DIR to a folder that every user may enter, or run as another user than root."
    )


def our_name() -> str:
    """The name of the user that we are. Raises DevstackError for one without: PostgreSQL demands it."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        raise DevstackError(
            f"The user id {os.geteuid()} has no name in the system's list of users, and PostgreSQL refuses to run "
            "without one. Run as a user with a name, or set DATABASE_URL."
        ) from None


def _entry() -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(USER)
    except KeyError:
        return None


def _make() -> pwd.struct_passwd:
    useradd = shutil.which("useradd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if useradd is None:
        raise DevstackError(
            f"PostgreSQL refuses to run as root, and there is no `useradd` to make a user {USER} for it. "
            "Make one, run as another user, or set DATABASE_URL."
        )
    made = subprocess.run(  # noqa: S603 - found on the system's path
        [useradd, "--system", "--user-group", "--no-create-home", "--shell", "/bin/false", USER],
        capture_output=True,
        text=True,
        check=False,
    )
    entry = _entry()  # also when another process was faster
    if entry is None:
        raise DevstackError(
            f"The user {USER} for PostgreSQL could not be made: {made.stderr.strip()}"
        )
    return entry


def _reachable(path: Path, account: Account) -> bool:
    """Whether `account` may enter every folder above `path`, as far as the permission bits say."""
    return all(_enters(folder, account) for folder in path.resolve().parents)


def _enters(folder: Path, account: Account) -> bool:
    found = folder.stat()
    if found.st_uid == account.uid:
        return bool(found.st_mode & 0o100)
    if found.st_gid == account.gid:
        return bool(found.st_mode & 0o010)
    return bool(found.st_mode & 0o001)


def _permitted() -> int:
    """Our own permitted capabilities as bits; none where there is no /proc."""
    try:
        status = Path("/proc/self/status").read_text()
    except FileNotFoundError:
        return 0
    found = re.search(r"^CapPrm:\s*([0-9a-f]+)", status, re.MULTILINE)
    return int(found[1], 16) if found else 0
