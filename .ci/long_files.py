"""Fail when a Python file of ours is longer than anybody wants to read."""

import subprocess
import sys
from pathlib import Path

MOST_LINES = 400

listed = subprocess.run(
    ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "*.py"],  # noqa: S607
    check=True,
    capture_output=True,
    text=True,
).stdout
lengths = {
    path: len(path.read_text().splitlines())
    for path in map(Path, filter(None, listed.split("\0")))
    if path.exists() and "migrations" not in path.parts
}
too_long = {path: lines for path, lines in lengths.items() if lines > MOST_LINES}
for path, lines in sorted(too_long.items()):
    sys.stderr.write(f"{path}: {lines} lines; split it, {MOST_LINES} are the most\n")
sys.exit(bool(too_long))
