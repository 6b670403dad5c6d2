"""Run one command so that it never outlives us, whatever ends us.

The stack starts each of its processes through this script, which stays as the process's parent and holds the read
end of a pipe, the lifeline. Nobody writes to it; when its last writer is gone, stopped in good order or killed
with -9, the read end comes to its end and the command is told to stop, then made to, with its whole process group.
The other way round the kernel helps: the command asks for a signal at our own death (PR_SET_PDEATHSIG, Linux).

Why not that signal alone: it reaches the command but not the workers that it forked, has no second, harder step,
and does not order anything. Pipes do: who must outlive others simply hangs on a lifeline that those hold too.

It is run by path with `python -I -S` and imports only the standard library, so that it starts in milliseconds.
"""

import ctypes
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from argparse import REMAINDER, ArgumentParser, Namespace
from collections.abc import Callable
from contextlib import suppress

PR_SET_PDEATHSIG = 1
PR_SET_SECUREBITS = 28
SECBIT_NO_SETUID_FIXUP = 1 << 2
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_RAISE = 2
CAPABILITY_VERSION_3 = 0x20080522
STOP_REQUESTS = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP}


def main() -> int:
    """The command's exit code, or 128 and the signal that ended it."""
    options = _parse(sys.argv[1:])
    wake = _wake_on_signals()
    try:
        command = subprocess.Popen(  # noqa: S603 - running what our parent says is the purpose
            options.command,
            process_group=0,
            preexec_fn=_prepare(options),  # noqa: PLW1509 - there are no threads here
        )
    except (OSError, subprocess.SubprocessError) as error:
        sys.stderr.write(f"{options.command[0]} did not start: {error}\n")
        return 127
    _attend(command, options, wake)
    for number in STOP_REQUESTS:
        signal.signal(number, signal.SIG_IGN)  # we are ending, and with the command's exit code
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(command.pid, signal.SIGKILL)  # what it left behind
    for folder in options.remove:
        shutil.rmtree(folder, ignore_errors=True)
    return command.returncode if command.returncode >= 0 else 128 - command.returncode


def _parse(arguments: list[str]) -> Namespace:
    parser = ArgumentParser(prog="launcher")
    parser.add_argument("--lifeline", type=int, required=True, help="a file descriptor to read")
    parser.add_argument("--stop-signal", type=int, default=int(signal.SIGTERM))
    parser.add_argument(
        "--grace", type=float, default=10, help="seconds from that signal to SIGKILL"
    )
    parser.add_argument("--uid", type=int, help="drop to this user first")
    parser.add_argument("--gid", type=int)
    parser.add_argument("--keep-capability", type=int, help="but keep this one capability")
    parser.add_argument(
        "--remove", action="append", default=[], help="a folder to remove at the end"
    )
    parser.add_argument("command", nargs=REMAINDER)
    options = parser.parse_args(arguments)
    options.command = options.command[1:] if options.command[:1] == ["--"] else options.command
    return options


def _wake_on_signals() -> int:
    """A descriptor on which the number of each signal arrives as a byte."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer)
    for number in (signal.SIGCHLD, *STOP_REQUESTS):
        signal.signal(number, lambda *_: None)
    return reader


def _attend(command: "subprocess.Popen[bytes]", options: Namespace, wake: int) -> None:
    """Wait until the command has ended, by itself or because we were told to end it."""
    watched = [options.lifeline, wake]
    deadline: float | None = None
    while command.poll() is None:
        patience = None if deadline is None else max(0.0, deadline - time.monotonic())
        ready, _, _ = select.select(watched, [], [], patience)
        asked = options.lifeline in ready
        if wake in ready:
            asked |= not STOP_REQUESTS.isdisjoint(os.read(wake, 64))
        if asked and deadline is None:
            command.send_signal(options.stop_signal)
            deadline = time.monotonic() + options.grace
            watched = [wake]
        elif deadline is not None and time.monotonic() >= deadline:
            os.killpg(command.pid, signal.SIGKILL)


def _prepare(options: Namespace) -> Callable[[], None]:
    """What the child does between fork and exec."""
    linux = sys.platform == "linux"
    libc = ctypes.CDLL(None, use_errno=True) if linux else None
    parent = os.getpid()

    def prepare() -> None:
        if options.uid is not None:
            if libc and options.keep_capability is not None:
                # Keeps capabilities over the change of user, and makes access(2) heed them, as PostgreSQL asks with it
                _checked(libc.prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP, 0, 0, 0))
            os.setgroups([])
            os.setgid(options.gid)
            os.setuid(options.uid)
            if libc and options.keep_capability is not None:
                _keep_capability(libc, options.keep_capability)
        if libc:  # after the change of user, which clears it
            _checked(libc.prctl(PR_SET_PDEATHSIG, options.stop_signal, 0, 0, 0))
            if os.getppid() != parent:
                os.kill(os.getpid(), signal.SIGKILL)

    return prepare


def _keep_capability(libc: ctypes.CDLL, number: int) -> None:
    """Reduce what we may to one capability, and hand it through exec (capabilities(7), "Ambient")."""
    low, high = (1 << number) & 0xFFFFFFFF, (1 << number) >> 32
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    sets = (ctypes.c_uint32 * 6)(low, low, low, high, high, high)
    _checked(libc.capset(header, sets))
    _checked(libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, number, 0, 0))


def _checked(result: int) -> None:
    if result != 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))


if __name__ == "__main__":
    sys.exit(main())
