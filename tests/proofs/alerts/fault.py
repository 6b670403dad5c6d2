"""A fault that the drill makes, and what is demanded of the alerts."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from tests.proofs.alerts.scene import Scene


@dataclass(frozen=True, kw_only=True)
class Fault:
    """`cause` makes it at the begin of its block, keeps it up for the length of it, and undoes it at the end. All of
    `alerts` fire meanwhile. `resolves` are seconds in which they are quiet again afterwards; 0: nobody waits for that.
    """

    alerts: tuple[str, ...]
    happens: str
    cause: Callable[[Scene], AbstractContextManager[None]]
    resolves: float = 120.0
    patience: float = 180.0  # seconds until they fire


@dataclass
class Row:
    """What came of one alert; None: it did not happen."""

    alert: str
    happens: str
    fired: float | None
    resolved: float | None
    waited: bool  # for the end

    @property
    def line(self) -> str:
        """Of the table."""
        fired = "**never**" if self.fired is None else f"{self.fired:.1f} s"
        quiet = "**never**" if self.resolved is None else f"{self.resolved:.1f} s"
        return f"| `{self.alert}` | {self.happens} | {fired} | {quiet if self.waited else 'not waited for'} |"
