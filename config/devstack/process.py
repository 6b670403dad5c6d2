"""One process of the stack, run under the launcher (see `config.devstack.launcher` for what that guarantees)."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from config.devstack.account import Account

LAUNCHER = Path(__file__).with_name("launcher.py")


@dataclass(frozen=True, kw_only=True)
class Command:
    """What to run, and how to end it."""

    name: str
    argv: Sequence[str | Path]
    environment: Mapping[str, str] | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    grace: float = 10  # seconds from that signal to SIGKILL
    account: Account | None = None  # another user to run as
    remove: Sequence[Path] = ()  # folders to remove at the end
    cwd: Path | None = None


@dataclass
class Process:
    """A started command. It ends when `stop` is called or when this process is gone.

    `handle` is a descriptor that only we hold: a process that `holds` it keeps this one running when we are gone.
    """

    command: Command
    launcher: "subprocess.Popen[bytes]"
    handle: int
    _stopping: bool = field(default=False)

    @classmethod
    def start(
        cls, command: Command, *, output: IO[bytes] | int | None = None, holds: Sequence[int] = ()
    ) -> "Process":
        """`output` takes both of the command's streams: a file or `subprocess.PIPE`. Returns without waiting."""
        lifeline, handle = os.pipe()
        try:
            launcher = subprocess.Popen(  # noqa: S603 - the command is ours
                [
                    sys.executable,
                    "-I",
                    "-S",
                    LAUNCHER,
                    *_options(command, lifeline),
                    "--",
                    *command.argv,
                ],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT if output is not None else None,
                env=command.environment,
                cwd=command.cwd,
                pass_fds=(lifeline, *holds),
                start_new_session=True,  # Ctrl-C is for us; we end the others in order
            )
        except BaseException:
            os.close(handle)
            raise
        finally:
            os.close(lifeline)
        return cls(command, launcher, handle)

    @property
    def running(self) -> bool:
        return self.launcher.poll() is None

    def ask_to_stop(self) -> None:
        """Let go of the lifeline; `wait` for the end."""
        if not self._stopping:
            self._stopping = True
            os.close(self.handle)

    def wait(self, timeout: float | None = None) -> int:
        """The exit code. Raises `subprocess.TimeoutExpired` when it still runs after `timeout` seconds."""
        return self.launcher.wait(timeout)

    def stop(self) -> int:
        """End it, and wait for that; returns the exit code."""
        self.ask_to_stop()
        if self.running:
            self.launcher.send_signal(signal.SIGTERM)  # in case others hold the lifeline too
        with suppress(subprocess.TimeoutExpired):
            return self.wait(self.command.grace + 5)
        self.launcher.kill()  # frozen: the kernel then signals the command
        return self.wait()


def _options(command: Command, lifeline: int) -> list[str]:
    options = [
        f"--lifeline={lifeline}",
        f"--stop-signal={int(command.stop_signal)}",
        f"--grace={command.grace}",
    ]
    if command.account:
        options += [f"--uid={command.account.uid}", f"--gid={command.account.gid}"]
        if command.account.capability is not None:
            options.append(f"--keep-capability={command.account.capability}")
    return [*options, *(f"--remove={folder}" for folder in command.remove)]


@dataclass(frozen=True)
class Program:
    """A service that is simply a command; who follows it reads its output from a pipe."""

    command: Command
    lasting: bool = field(default=False, init=False)

    @property
    def name(self) -> str:
        return self.command.name

    def start(self, *, holds: Sequence[int] = ()) -> Process:
        return Process.start(self.command, output=subprocess.PIPE, holds=holds)
