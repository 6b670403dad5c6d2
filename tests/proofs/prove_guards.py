"""Takes out one guard after the other and shows that a test fails: `python -m tests.proofs.prove_guards`.

The guards and their tests stand in `guards.toml` beside this file. Each is taken out of a copy of the project in a
folder of its own, as many at once as there are cores (`--jobs`); the tests use one throwaway PostgreSQL and Valkey.
`--only WORD` proves the guards whose name has it.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import Queue
from typing import Any, TypeVar

from config.devstack.layout import Layout
from config.devstack.servers import POSTGRES, VALKEY, Throwaway

ROOT = Path(__file__).resolve().parent.parent.parent
GUARDS = Path(__file__).with_name("guards.toml")
PASSED, FAILED = 0, 1  # pytest's exit codes
PATIENCE = 1800  # seconds for the tests of one guard on a machine that does much else
T = TypeVar("T")
Result = TypeVar("Result")
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


@dataclass(frozen=True)
class Bench:
    """Where one guard at a time is taken out: a copy of the project, and what its tests find in their environment."""

    project: Path
    environment: Mapping[str, str]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="prove the guards whose name has this word")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="so many at once")
    options = parser.parse_args()
    chosen = [guard for guard in guards() if options.only in guard.name]
    with benches(options.jobs) as at_a_bench:
        broken = [tests for tests, outcome in at_a_bench(_outcome, _together(chosen)) if outcome]
        if broken:
            sys.stderr.write(f"Fails with every guard in place: {broken}\n")
            return 1
        unnoticed = [guard for guard, noticed in at_a_bench(_is_noticed, chosen) if not noticed]
    sys.stdout.write(f"{len(chosen) - len(unnoticed)} of {len(chosen)} guards proven\n")
    return 1 if unnoticed or not chosen else 0


def _together(chosen: Sequence[Guard]) -> list[list[str]]:
    """The tests that the guards name, each once, as many together as one run has time for."""
    tests = sorted({test for guard in chosen for test in guard.tests})
    return [tests[start : start + TOGETHER] for start in range(0, len(tests), TOGETHER)]


def _is_noticed(bench: Bench, guard: Guard) -> bool:
    """Whether a test fails without the guard; says so in a line."""
    path = bench.project / guard.file
    whole = path.read_text()
    if whole.count(guard.code) != 1:
        sys.stdout.write(f"NOT FOUND once  {guard.name}: {guard.file}\n")
        return False
    path.write_text(whole.replace(guard.code, guard.without))
    try:
        noticed = _outcome(bench, guard.tests) == FAILED
    finally:
        path.write_text(whole)
    sys.stdout.write(f"{'noticed' if noticed else 'NOT NOTICED':14}  {guard.name}\n")
    sys.stdout.flush()
    return noticed


def _outcome(bench: Bench, tests: Sequence[str]) -> int:
    command = [sys.executable, "-m", "pytest", "-q", "-x", "--reuse-db", "-p", "no:randomly"]
    done = subprocess.run(
        [*command, "-p", "no:cacheprovider", *tests],
        cwd=bench.project,
        env=bench.environment,
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
def benches(number: int) -> Iterator[Any]:
    """`at_a_bench(work, things)` yields each thing with what `work(bench, thing)` made of it, as they come."""
    with ExitStack() as stack:
        layout = stack.enter_context(servers())
        free: Queue[Bench] = Queue()
        for job in range(number):
            environment = {
                **os.environ,
                "DATABASE_URL": layout.database_url_of(f"guards_{job}"),
                "REDIS_URL": f"{layout.redis_url}?db={job}",
            }
            free.put(Bench(stack.enter_context(copied_project()), environment))
        pool = stack.enter_context(ThreadPoolExecutor(number))

        def at_a_bench(
            work: Callable[[Bench, T], Result], things: Sequence[T]
        ) -> Iterator[tuple[T, Result]]:
            def one(thing: T) -> Result:
                bench = free.get()
                try:
                    return work(bench, thing)
                finally:
                    free.put(bench)

            return zip(things, pool.map(one, things), strict=True)

        yield at_a_bench


@contextmanager
def servers() -> Iterator[Layout]:
    """A PostgreSQL and a Valkey for all the runs."""
    with tempfile.TemporaryDirectory(prefix="gatehouse-proof-") as folder:
        Path(folder).chmod(0o711)  # PostgreSQL's user passes through
        layout = Layout(Path(folder))
        throwaway = Throwaway(layout, (POSTGRES, VALKEY))
        throwaway.start()
        try:
            yield layout
        finally:
            throwaway.stop()


if __name__ == "__main__":
    sys.exit(main())
