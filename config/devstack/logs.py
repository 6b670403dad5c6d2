"""The log files of the stack."""

from pathlib import Path


def tail(path: Path, lines: int = 15) -> str:
    """The last lines of a log, to show with an error."""
    return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])
