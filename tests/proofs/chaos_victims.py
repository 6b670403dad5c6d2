"""The pieces of a running stack, and their deaths."""

import json
import random
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import psutil

from tests.proofs.served import Served

PIECES = ("web", "relay", "worker", "postgres", "valkey")
RETURN_LIMIT = 90.0  # seconds
LOOK_EVERY = 0.05
WAYS = {
    "web": ("main", "child", "all"),
    "relay": ("main",),
    "worker": ("main", "child", "all"),
    "postgres": ("main", "child", "all"),
    "valkey": ("main",),
}


@dataclass(frozen=True)
class Death:
    """Of the main process of a piece, of one of its children, or of all its processes."""

    piece: str
    way: str
    main: int  # its process id

    def __str__(self) -> str:
        return f"{self.piece} ({self.way})"


def kill(stack: Served, piece: str) -> Death:
    """With SIGKILL: nothing in it can notice."""
    main = mains(stack)[piece]
    way = random.choice(WAYS[piece])  # noqa: S311 - which way it dies is no secret
    below = main.children(recursive=True)
    if way == "child" and not below:
        way = "main"
    doomed = {"main": [main], "child": below and [random.choice(below)], "all": [main, *below]}  # noqa: S311
    for process in doomed[way]:
        with suppress(psutil.NoSuchProcess):  # it followed the one before it
            process.kill()
    return Death(piece, way, main.pid)


def returned(stack: Served, death: Death) -> float | None:
    """Seconds until the piece runs again and the service says that it is ready; None: it did not come back."""
    begun = time.monotonic()
    while (spent := time.monotonic() - begun) < RETURN_LIMIT:
        with suppress(psutil.NoSuchProcess):
            again = mains(stack).get(death.piece)
            new = again is not None and (death.way == "child" or again.pid != death.main)
            if new and readiness(stack).startswith("200 "):
                return spent
        time.sleep(LOOK_EVERY)
    return None


def mains(stack: Served) -> dict[str, psutil.Process]:
    """The main process of each piece that runs. Its parent is the launcher, whose parent is `manage.py serve`."""
    found: dict[str, psutil.Process] = {}
    for launcher in psutil.Process(stack.pid).children():
        with suppress(psutil.NoSuchProcess, ValueError):
            command = launcher.cmdline()
            name = _name_of(command[command.index("--") + 1 :])
            alive = [each for each in launcher.children() if each.status() != psutil.STATUS_ZOMBIE]
            if name and alive:
                found[name] = alive[0]
    return found


def _name_of(command: Sequence[str]) -> str:
    """The piece that a launcher's command is, or ""."""
    program = Path(command[0]).name
    if program == "postgres" or program.startswith("valkey"):
        return "postgres" if program == "postgres" else "valkey"
    if program == "granian":
        return "web"
    if program == "celery" and "worker" in command:
        return "worker"
    return "relay" if "relay_events" in command else ""


def readiness(stack: Served) -> str:
    """What `/readyz` answers, or why it does not."""
    try:
        with urlopen(f"http://127.0.0.1:{stack.port}/readyz", timeout=5) as answer:
            return f"{answer.status} {answer.read().decode()}"
    except HTTPError as refused:
        return f"{refused.code} {refused.read().decode()}"
    except OSError as error:
        return str(error)


def has(stack: Served, part: str) -> bool:
    """Whether `/readyz` says that the service is ready, and that this part of it is well."""
    code, _, body = readiness(stack).partition(" ")
    return code == "200" and json.loads(body)["checks"][part]["status"] == "ok"
