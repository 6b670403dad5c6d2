"""What the floors do after a restore, before anybody is let in."""

from collections.abc import Callable, Iterator

# Returns what it did, a line for whoever restores; raises BackupError when nobody may be let in.
Step = Callable[[], str]

_steps: dict[str, Step] = {}


def after_restore(name: str, step: Step) -> None:
    """Have `step` run after each restore, in the order of registration: lower floors first. From `ready()`."""
    _steps[name] = step


def run_all() -> Iterator[tuple[str, str]]:
    """Each step's name and what it did."""
    for name, step in _steps.items():
        yield name, step()
