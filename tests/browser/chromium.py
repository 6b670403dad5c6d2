"""Which Chromium the browser tests drive.

The first there is of: the one that `CHROMIUM` names, the system's, Playwright's own, and Debian's, installed by us
where we are root and have apt.
"""

import fcntl
import os
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

from playwright.sync_api import Playwright

SYSTEM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PACKAGES = ("chromium", "fonts-dejavu-core", "fonts-lohit-deva")
PATIENCE = 600  # seconds for an installation


def find(playwright: Playwright) -> Path | None:
    """The program, or None where there is none and none may be installed."""
    named = os.environ.get("CHROMIUM")
    if named:
        return Path(named)
    bundled = Path(playwright.chromium.executable_path)
    return _of_the_system() or (bundled if bundled.exists() else _installed())


def _of_the_system() -> Path | None:
    return next((Path(path) for name in SYSTEM_NAMES if (path := shutil.which(name))), None)


@cache
def _installed() -> Path | None:
    """Debian's, installed now; of several processes one does it."""
    apt = shutil.which("apt-get")
    if os.geteuid() != 0 or apt is None:
        return None
    with (Path(tempfile.gettempdir()) / "gatehouse-chromium.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if _of_the_system() is None:
            for command in (["update"], ["install", "--yes", "--no-install-recommends", *PACKAGES]):
                subprocess.run(
                    [apt, "--quiet", *command],
                    env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
                    check=False,
                    capture_output=True,
                    timeout=PATIENCE,
                )
    return _of_the_system()
