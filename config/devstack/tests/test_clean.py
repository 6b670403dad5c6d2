"""`make clean` takes what can be made again, and nothing else."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from config.devstack.clean import main
from config.devstack.layout import Layout
from config.devstack.lock import Holder, StackLock
from config.settings.sections.section import PROJECT_ROOT


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in (
        ".venv/bin",
        "app/__pycache__",
        "app/deep/__pycache__",
        ".mypy_cache",
        "htmlcov",
        ".git",
    ):
        (tmp_path / "project" / name).mkdir(parents=True)
    for name in (".coverage", ".coverage.host.1", "app/code.py", ".env"):
        (tmp_path / "project" / name).touch()
    return tmp_path / "project"


@pytest.fixture
def layout(root: Path) -> Layout:
    layout = Layout(root / ".devstack")
    layout.django_secret()
    (layout.postgres_data / "base").mkdir(parents=True)
    layout.ports_file.touch()
    return layout


def left(root: Path) -> set[str]:
    return {str(path.relative_to(root)) for path in root.rglob("*")}


def test_what_can_be_made_again_goes_and_the_rest_stays(root: Path, layout: Layout) -> None:
    assert main(root, layout.state_dir) == 0
    assert left(root) == {"app", "app/code.py", "app/deep", ".git", ".env"}


def test_nothing_goes_while_a_stack_runs(
    root: Path, layout: Layout, capsys: pytest.CaptureFixture[str]
) -> None:
    lock = StackLock(layout)
    lock.take(Holder(pid=4321, port=8000))
    before = left(root)
    assert main(root, layout.state_dir) == 1
    assert left(root) == before
    assert "process 4321" in capsys.readouterr().err
    lock.release()


def test_foreign_files_in_the_state_folder_stay(root: Path, layout: Layout) -> None:
    (layout.state_dir / "notes.txt").touch()
    assert main(root, layout.state_dir) == 0
    assert [path.name for path in layout.state_dir.iterdir()] == ["notes.txt"]


def test_a_folder_that_is_not_there_is_clean(root: Path) -> None:
    assert main(root, root / "nowhere") == 0


def test_it_needs_nothing_installed(tmp_path: Path) -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-I",
            "-S",
            "-c",
            f"import sys; sys.path.insert(0, {str(PROJECT_ROOT)!r});import config.devstack.clean",
        ],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
