"""Two webs behind nginx restart one after the other by `deploy/compose/restart-webs`: nobody notices.

Run as a module with a port it is what `restart-webs` calls for one web: end it as a container is ended, wait until the
supervisor has started it again and it is ready.
"""

import signal
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import psutil

from config.devstack import ports
from config.devstack.readiness import wait_until_ready
from config.settings.sections.section import PROJECT_ROOT
from tests.proofs.drills.drill import Drill, Row
from tests.proofs.drills.ground import VARIABLES, under_load
from tests.proofs.edge import edge
from tests.proofs.served import served

STEADY = "1"
WEB = (
    "granian --interface wsgi --host 127.0.0.1 --port {port} --workers 1 --blocking-threads 64 --http 1 --no-ws "
    "--respawn-failed-workers config.wsgi:application"
)
STOP_LIMIT = READY_LIMIT = 60.0  # seconds


def run() -> Row:
    other = ports.any_free()
    with tempfile.TemporaryDirectory(prefix="gatehouse-proof-") as name:
        folder = Path(name)
        procfile = folder / "Procfile"
        procfile.write_text(_two_webs(other))
        arguments = ("--steady", STEADY, "--procfile", str(procfile))
        with served(*arguments, **VARIABLES) as stack, edge(folder, [stack.port, other]) as before:
            if not wait_until_ready(_readyz(other), patience=READY_LIMIT):
                raise SystemExit("the second web did not become ready")
            command = folder / "restart"
            command.write_text(f'#!/bin/sh\nexec {sys.executable} -m {__name__} "${{1##*:}}"\n')
            command.chmod(0o755)
            with under_load(replace(stack, port=before.plain)) as ground:
                ground.told += before.restart(command).splitlines()
            row = ground.row()
    row.demand(most_wrong=0)
    return row


def _two_webs(other: int) -> str:
    """The Procfile with two webs of one process each."""
    shipped = (PROJECT_ROOT / "Procfile").read_text().splitlines()
    rest = [line for line in shipped if not line.startswith("web:")]
    webs = [f"web: {WEB.format(port='$PORT')}", f"web2: {WEB.format(port=other)}"]
    return "\n".join([*webs, *rest, ""])


def _readyz(port: int) -> str:
    return f"http://{ports.LOOPBACK}:{port}/readyz"


def restart(port: int) -> None:
    """The web that listens there. Raises TimeoutExpired when it does not end, SystemExit when it does not return."""
    web = _main_of(port)
    web.send_signal(signal.SIGTERM)
    web.wait(STOP_LIMIT)
    if not wait_until_ready(_readyz(port), patience=READY_LIMIT):
        raise SystemExit(f"the web at {port} is not ready again")


def _main_of(port: int) -> psutil.Process:
    """The one child of the launcher that was told to run it."""
    for launcher in psutil.process_iter(["cmdline"]):
        words = launcher.info["cmdline"] or []
        command = words[words.index("--") + 1 :] if "--" in words else []
        if command[:1] == ["granian"] and str(port) in command:
            return launcher.children()[0]
    raise SystemExit(f"no web listens at {port}")


DRILL = Drill(
    name="rolling-restart",
    happens="two webs behind nginx restart one after the other",
    run=run,
)

if __name__ == "__main__":
    restart(int(sys.argv[1]))
