"""The way to a virtual environment, where it cannot lead there."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from config.settings.sections.section import PROJECT_ROOT

OLD = "#!/bin/sh\nexit 1\n"
WITHOUT_VENV = """#!/bin/sh
case "$*" in
    *ensurepip*) exit 1 ;;
    --version) echo "Python 3.12.0" ;;
esac
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with the script and a lock, and a path on which there is a shell and no Python."""
    (tmp_path / "requirements").mkdir()
    shutil.copy(PROJECT_ROOT / "requirements" / "install.sh", tmp_path / "requirements")
    (tmp_path / "requirements" / "dev.txt").write_text("# nothing\n")
    (tmp_path / "bin").mkdir()
    for tool in ("sh", "cmp", "cp"):
        (tmp_path / "bin" / tool).symlink_to(shutil.which(tool) or tool)
    return tmp_path


def install(project: Path, **variables: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [shutil.which("sh") or "sh", "requirements/install.sh"],
        cwd=project,
        env={"PATH": str(project / "bin"), **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def program(path: Path, text: str) -> Path:
    path.write_text(text)
    path.chmod(0o755)
    return path


def test_without_a_python_it_says_what_is_needed(project: Path) -> None:
    program(project / "bin" / "python3", OLD)
    done = install(project)
    assert done.returncode == 1
    assert "needs Python 3.11 or newer" in done.stderr


def test_a_python_that_was_named_and_is_too_old_is_refused(project: Path) -> None:
    old = program(project / "old", OLD)
    done = install(project, PYTHON=str(old))
    assert (done.returncode, f"PYTHON={old} does not run Python 3.11" in done.stderr) == (1, True)


def test_a_python_without_venv_is_named_with_the_remedy(project: Path) -> None:
    program(project / "bin" / "python3.13", WITHOUT_VENV)
    done = install(project)
    assert done.returncode == 1
    assert "Python 3.12.0 lacks the modules venv and ensurepip" in done.stderr
    assert "apt install python3-venv" in done.stderr


def test_what_is_there_from_the_same_lock_is_left_alone(project: Path) -> None:
    (project / ".venv" / "bin").mkdir(parents=True)
    program(project / ".venv" / "bin" / "python", OLD)
    shutil.copy(project / "requirements" / "dev.txt", project / ".venv" / "installed-lock.txt")
    assert install(project).returncode == 0
    (project / "requirements" / "dev.txt").write_text("# changed\n")
    assert install(project).returncode == 1


@pytest.mark.skipif(shutil.which("make") is None, reason="there is no make")
def test_make_alone_lists_what_it_can_do() -> None:
    done = subprocess.run(
        [shutil.which("make") or "make"],
        cwd=PROJECT_ROOT,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=True,
    )
    targets = dict(
        line.removeprefix("make ").split(maxsplit=1) for line in done.stdout.splitlines()
    )
    assert {"help", "serve", "test", "lint", "format", "bench", "clean"} <= targets.keys()
    listed = set(
        (PROJECT_ROOT / "Makefile").read_text().partition("\n.PHONY: ")[2].splitlines()[0].split()
    )
    assert targets.keys() == listed - {"environment"}
