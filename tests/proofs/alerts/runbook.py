"""The commands of a runbook's page, run against a stack in the middle of what the page is about."""

import subprocess
import sys
from dataclasses import dataclass

from config.settings.sections.section import PROJECT_ROOT
from tests.operations.alert_files import alerts, commands
from tests.proofs.served import Served

LONGEST = 120.0  # seconds
USAGE = 2  # what manage.py ends with when it does not understand
WRITTEN_AS = "localhost:8000"  # the address of the service in the pages


@dataclass(frozen=True)
class Ran:
    """One command, and what came of it."""

    page: str
    line: str
    code: int
    out: str
    err: str

    @property
    def fault(self) -> str:
        """Why nobody could use it as it stands; "" when there is nothing to say.

        A code above 0 is no fault by itself: what looks for trouble ends so when it has found some.
        """
        if "Traceback (most recent call last)" in self.err:
            return "ends with an exception of ours"
        if self.code == USAGE and "usage:" in self.err:
            return "is not understood"
        if "ERROR:" in self.err:
            return "is refused by the database"
        if self.line.rpartition("|")[2].strip().startswith("grep") and not self.out:
            return "finds nothing"
        return ""


def page_of(alert: str) -> str:
    return str(alerts()[alert]["annotations"]["runbook_url"]).rpartition("/")[2]


def pages_of_no_alert() -> list[str]:
    """Those that are found by what one sees."""
    led_to = {page_of(alert) for alert in alerts()}
    return sorted({page for page, _ in commands()} - led_to)


def run_page(page: str, stack: Served) -> list[Ran]:
    """Each line of shell of the page, in its order."""
    return [_run(page, line, stack) for name, line in commands() if name == page]


def _run(page: str, line: str, stack: Served) -> Ran:
    shell = line.replace(WRITTEN_AS, f"127.0.0.1:{stack.port}")
    shell = shell.replace("manage.py", f"{sys.executable} manage.py", 1)
    done = subprocess.run(
        ["/bin/sh", "-c", shell],
        cwd=PROJECT_ROOT,
        env=dict(stack.environment),
        capture_output=True,
        text=True,
        timeout=LONGEST,
        check=False,
    )
    return Ran(page, line, done.returncode, done.stdout, done.stderr)
