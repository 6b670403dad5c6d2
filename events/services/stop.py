"""How a process that runs for ever is asked to end."""

import select
import signal
import socket
from contextlib import suppress
from types import FrameType
from typing import Any


class Stop:
    """A wish to end that wakes whoever waits for it.

    Made of a pair of sockets and not of `threading.Event`, whose lock a signal handler may find held by the very
    thread that it interrupts.
    """

    def __init__(self) -> None:
        self._readable, self._writable = socket.socketpair()
        self._writable.setblocking(False)
        self._wished = False

    @property
    def wished(self) -> bool:
        return self._wished

    def wish(self) -> None:
        """Ask to end. From any thread or signal handler, any number of times."""
        self._wished = True
        with suppress(BlockingIOError):  # full of earlier wishes
            self._writable.send(b".")

    def on(self, *signals: signal.Signals) -> None:
        """Take each of `signals` for the wish to end."""

        def handler(number: int, frame: FrameType | None) -> None:
            self.wish()

        for number in signals:
            signal.signal(number, handler)

    def wait(self, timeout: float, *others: Any) -> bool:
        """Sleep for `timeout` seconds, until the wish, or until one of `others` (with a `fileno`) has something
        to read; True when one of these had."""
        ready, _, _ = select.select([self._readable, *others], [], [], timeout)
        return any(other in ready for other in others)

    def close(self) -> None:
        self._readable.close()
        self._writable.close()
