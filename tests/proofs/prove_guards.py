"""Takes out one guard after the other and shows that a test fails: `python -m tests.proofs.prove_guards`.

The guards and their tests stand in `guards.toml` beside this file. Each is taken out of a copy of the project in a
folder of its own; the tests use one throwaway PostgreSQL and Valkey. `--only WORD` proves the guards whose name has it.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from config.devstack.layout import Layout
from config.devstack.servers import POSTGRES, VALKEY, Throwaway

ROOT = Path(__file__).resolve().parent.parent.parent
GUARDS = Path(__file__).with_name("guards.toml")
PASSED, FAILED = 0, 1  # pytest's exit codes
PATIENCE = 1800  # seconds for the tests of one guard on a machine that does much else
TOGETHER = 40  # tests, or files of them, in one run before anything is taken out


@dataclass(frozen=True, kw_only=True)
class Guard:
    """`code` in `file` is replaced by `without`; one of `tests` must notice."""

    name: str
    file: str
    code: str
    without: str
    tests: tuple[str, ...]


def guards() -> tuple[Guard, ...]:
    """All of them. Raises TypeError for one that lacks something."""
    listed = tomllib.loads(GUARDS.read_text())["guard"]
    return tuple(Guard(**entry | {"tests": tuple(entry["tests"])}) for entry in listed)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="prove the guards whose name has this word")
    chosen = [guard for guard in guards() if parser.parse_args().only in guard.name]
    with copied_project() as project, servers():
        broken = [tests for tests in _together(chosen) if _outcome(project, tests) != PASSED]
        if broken:
            sys.stderr.write(f"Fails with every guard in place: {broken}\n")
            return 1
        unnoticed = [guard for guard in chosen if not _is_noticed(guard, project)]
    sys.stdout.write(f"{len(chosen) - len(unnoticed)} of {len(chosen)} guards proven\n")
    return 1 if unnoticed or not chosen else 0


def _together(chosen: Sequence[Guard]) -> list[list[str]]:
    """The tests that the guards name, each once, as many together as one run has time for."""
    tests = sorted({test for guard in chosen for test in guard.tests})
    return [tests[start : start + TOGETHER] for start in range(0, len(tests), TOGETHER)]


def _is_noticed(guard: Guard, project: Path) -> bool:
    """Whether a test fails without the guard; says so in a line."""
    path = project / guard.file
    whole = path.read_text()
    if whole.count(guard.code) != 1:
        sys.stdout.write(f"NOT FOUND once  {guard.name}: {guard.file}\n")
        return False
    path.write_text(whole.replace(guard.code, guard.without))
    try:
        noticed = _outcome(project, guard.tests) == FAILED
    finally:
        path.write_text(whole)
    sys.stdout.write(f"{'noticed' if noticed else 'NOT NOTICED':14}  {guard.name}\n")
    sys.stdout.flush()
    return noticed


def _outcome(project: Path, tests: Sequence[str]) -> int:
    command = [sys.executable, "-m", "pytest", "-q", "-x", "--reuse-db", "-p", "no:randomly"]
    done = subprocess.run(
        [*command, "-p", "no:cacheprovider", *tests],
        cwd=project,
        check=False,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    if done.returncode not in {PASSED, FAILED}:
        sys.stdout.write(done.stdout[-2000:] + done.stderr[-2000:])
    return done.returncode


@contextmanager
def copied_project() -> Iterator[Path]:
    """What git tracks, as it is in the working tree, in a folder that is gone afterwards."""
    git = shutil.which("git")
    assert git
    listed = subprocess.run([git, "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True)
    with tempfile.TemporaryDirectory(prefix="gatehouse-guards-") as folder:
        for name in filter(None, listed.stdout.decode().split("\0")):
            if (ROOT / name).is_file():
                (Path(folder) / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, Path(folder) / name)
        yield Path(folder)


@contextmanager
def servers() -> Iterator[None]:
    """A PostgreSQL and a Valkey for all the runs, named in the environment."""
    with tempfile.TemporaryDirectory(prefix="gatehouse-proof-") as folder:
        Path(folder).chmod(0o711)  # PostgreSQL's user passes through
        layout = Layout(Path(folder))
        throwaway = Throwaway(layout, (POSTGRES, VALKEY))
        throwaway.start()
        os.environ.update(DATABASE_URL=layout.database_url, REDIS_URL=layout.redis_url)
        try:
            yield
        finally:
            throwaway.stop()


if __name__ == "__main__":
    sys.exit(main())
