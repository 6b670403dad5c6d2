"""`make clean`: remove what can be made again. Needs only the standard library, so that it works without a .venv."""

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from config.devstack.layout import Layout
from config.devstack.lock import holder

CACHES = [
    ".venv",
    ".mypy_cache",
    ".ruff_cache",
    ".pytest_cache",
    ".import_linter_cache",
    ".hypothesis",
    "htmlcov",
    "staticfiles",
]


def main(root: Path, state_dir: Path) -> int:
    """The exit code: 1, with nothing removed, while a stack runs on the state folder."""
    layout = Layout(state_dir)
    running = holder(layout)
    if running:
        sys.stderr.write(
            f"A stack runs on {layout.state_dir} (process {running.pid}): stop it first.\n"
        )
        return 1
    for path in _rubbish(root):
        _remove(path)
    for path in layout.everything:
        _remove(path)
    if layout.state_dir.is_dir() and not any(layout.state_dir.iterdir()):
        layout.state_dir.rmdir()  # what else somebody keeps there is not ours to remove
    return 0


def _rubbish(root: Path) -> Iterator[Path]:
    # The compiled files first: the virtual environment, with thousands more, goes as a whole.
    for folder, names, _ in os.walk(root):
        names[:] = [name for name in names if not name.startswith(".")]
        if "__pycache__" in names:
            yield Path(folder, "__pycache__")
    yield from (root / name for name in CACHES)
    yield from root.glob(".coverage*")


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


if __name__ == "__main__":
    here = Path(__file__).resolve().parents[2]
    sys.exit(main(here, Path(os.environ.get("STATE_DIR") or here / ".devstack")))
