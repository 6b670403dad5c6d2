"""The house stands as it was drawn: floors, room sizes, names."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

LARGEST_ROOM = 400
NAMES_THAT_SAY_NOTHING = {"utils.py", "util.py", "helpers.py", "helper.py", "misc.py", "common.py"}


@pytest.fixture(scope="module")
def modules() -> list[Path]:
    """Every Python file of ours."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py"],  # noqa: S607 - whichever git there is
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return [ROOT / name for name in listed.stdout.split()]


def test_a_floor_imports_only_from_below() -> None:
    # In a process of its own: import-linter sets up logging for itself.
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_no_room_is_too_large(modules: list[Path]) -> None:
    large = {
        str(path.relative_to(ROOT)): lines
        for path in modules
        if "migrations" not in path.parts
        and (lines := len(path.read_text().splitlines())) > LARGEST_ROOM
    }
    assert large == {}


def test_every_name_says_something(modules: list[Path]) -> None:
    assert [str(path) for path in modules if path.name in NAMES_THAT_SAY_NOTHING] == []


def test_production_code_never_asks_whether_it_is_being_tested(modules: list[Path]) -> None:
    suspicious = [
        str(path.relative_to(ROOT))
        for path in modules
        if "tests" not in path.parts
        and path.name not in {"conftest.py", "pytest_plugin.py", "test.py"}
        and ("PYTEST_" in path.read_text() or "_from_testcase" in path.read_text())
    ]
    assert suspicious == []
