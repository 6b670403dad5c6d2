"""Proves that memory is flat: `python -m tests.proofs.prove_memory`, about half an hour.

Forty people and services do what a day is made of, as fast as they are answered, until an hour's worth of the load
scenario of that name is through (`--requests`). Every `--seconds` every process is measured. Exit code 1 when a web
worker has more than it may, or more than it had after a third of the requests and a little.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import psutil

from tests.load.scene import Scene
from tests.proofs.chaos_victims import mains
from tests.proofs.served import Served, served

AN_HOUR = 288_000  # forty users, two requests a second each
USERS = 40
MOST = 180  # MiB of a web worker
GROWTH = 1.05
PIECES = ("web", "worker", "relay")
MIB = 1 << 20


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=AN_HOUR)
    parser.add_argument("--seconds", type=int, default=30, help="between two measurements")
    options = parser.parse_args()
    with served() as stack, tempfile.TemporaryDirectory() as folder:
        scene = Scene(stack, Path(folder))
        sys.stdout.write(
            f"| requests | failed | {' | '.join(PIECES)} |\n| --- | --- | --- | --- | --- |\n"
        )
        asked = failed = 0
        webs = []
        while asked < options.requests:
            kinds = scene.run("Hurry", users=USERS, seconds=options.seconds)
            asked += sum(kind.asked for kind in kinds)
            failed += sum(kind.failed for kind in kinds)
            sizes = {piece: _sizes(stack, piece) for piece in PIECES}
            webs.append((asked, max(sizes["web"])))
            told = " | ".join(", ".join(f"{size:.0f}" for size in sizes[piece]) for piece in PIECES)
            sys.stdout.write(f"| {asked:,} | {failed} | {told} |\n")
            sys.stdout.flush()
    early = next(size for count, size in webs if count >= options.requests / 3)
    last = webs[-1][1]
    sys.stdout.write(
        f"The largest web process: {early:.0f} MiB after a third, {last:.0f} MiB at the end.\n"
    )
    return int(failed > 0 or last > MOST or last > early * GROWTH)


def _sizes(stack: Served, piece: str) -> list[float]:
    """MiB of what each process of the piece has for itself and a fair part of what it shares, the largest first."""
    main = mains(stack)[piece]
    processes = [*main.children(recursive=True), main]
    sizes = [each.memory_full_info().pss / MIB for each in processes if _lives(each)]
    return sorted(sizes, reverse=True)


def _lives(process: psutil.Process) -> bool:
    return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)


if __name__ == "__main__":
    sys.exit(main())
