"""Keeps services running: starts them, shows what they say, restarts what dies, ends them in order."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Protocol

from config.devstack.console import Console, open_log
from config.devstack.errors import DevstackError
from config.devstack.process import Process

STEADY = 30.0  # seconds
MOST_DEATHS = 5


class Service(Protocol):
    """What can be started, and started again."""

    @property
    def name(self) -> str: ...

    @property
    def lasting(self) -> bool:
        """Whether the others need it: it starts before them and ends after them."""
        ...

    def start(self, *, holds: Sequence[int] = ()) -> Process:
        """Returns when others may use it. Raises DevstackError when it does not come up."""
        ...


@dataclass(frozen=True)
class Stop:
    """Somebody wants the stack to end."""

    reason: str


@dataclass(frozen=True)
class Start:
    """Another service is due."""

    service: Service


@dataclass(frozen=True)
class Say:
    """Something to tell the person."""

    text: str


@dataclass(frozen=True)
class Ended:
    """A process of ours is gone."""

    child: "Child"
    code: int


Event = Stop | Start | Say | Ended


@dataclass(eq=False)
class Child:
    """A service in its present life."""

    service: Service
    process: Process
    started: float
    deaths: int
    follower: Thread | None = None


@dataclass
class Supervisor:
    """Runs services until told to stop. `events` may be filled from threads and signal handlers.

    `lock` is a descriptor that each process inherits. What dies starts again after `first_delay` seconds, then after
    twice as long each time, and not for ever; whoever lived for `steady` seconds is forgiven earlier deaths.
    """

    console: Console
    logs: Path
    lock: int
    first_delay: float = 0.5
    steady: float = STEADY
    events: "SimpleQueue[Event]" = field(default_factory=SimpleQueue)
    _children: dict[str, Child] = field(default_factory=dict)
    _due: list[tuple[float, Service, int]] = field(default_factory=list)

    def start(self, service: Service, *, deaths: int = 0) -> None:
        """Start it, and care for it from now on. Raises DevstackError when it does not come up."""
        lifelines = [
            child.process.handle for child in self._children.values() if child.service.lasting
        ]
        process = service.start(holds=[self.lock, *lifelines])
        child = Child(service, process, time.monotonic(), deaths)
        child.follower = Thread(target=self._follow, args=(child,), name=service.name, daemon=True)
        self._children[service.name] = child
        child.follower.start()

    def run(self) -> str:
        """Work until a Stop comes; returns its reason. Raises DevstackError when a service keeps dying."""
        while True:
            match self._next_event():
                case Stop(reason):
                    return reason
                case Start(service):
                    self.start(service)
                case Say(text):
                    self.console.say("gatehouse", text)
                case Ended(child, code):
                    self._mourn(child, code)
                case None:
                    self._start_due()

    def stop(self) -> None:
        """End what needs others, all at once; then those others, the last started first."""
        children = list(reversed(self._children.values()))
        self._children.clear()
        self._due.clear()
        for child in children:
            if not child.service.lasting:
                child.process.ask_to_stop()
        for child in sorted(children, key=lambda child: child.service.lasting):
            child.process.stop()
            if child.follower:
                child.follower.join(timeout=1)

    def _follow(self, child: Child) -> None:
        source = child.process.launcher.stdout
        if source:
            with source:
                self.console.copy(
                    child.service.name, source, open_log(self.logs, child.service.name)
                )
        self.events.put(Ended(child, child.process.wait()))

    def _next_event(self) -> Event | None:
        """None when it is time to start something again."""
        if not self._due:
            return self.events.get()
        patience = self._due[0][0] - time.monotonic()
        try:
            return self.events.get(timeout=max(patience, 0))
        except Empty:
            return None

    def _mourn(self, child: Child, code: int) -> None:
        """A process died: plan its next life, or give up."""
        name = child.service.name
        if self._children.get(name) is not child:
            return
        child.process.ask_to_stop()  # closes our end of its lifeline
        del self._children[name]
        lived = time.monotonic() - child.started
        deaths = 1 if lived > self.steady else child.deaths + 1
        if deaths >= MOST_DEATHS:
            raise DevstackError(
                f"{name} keeps dying (exit code {code}): see {self.logs / name}.log. The stack stops."
            )
        delay = self.first_delay * 2 ** (deaths - 1)
        self.console.say(
            "gatehouse", f"{name} died (exit code {code}); it starts again in {delay:g} s."
        )
        self._due.append((time.monotonic() + delay, child.service, deaths))
        self._due.sort(key=lambda entry: entry[0])

    def _start_due(self) -> None:
        while self._due and self._due[0][0] <= time.monotonic():
            _, service, deaths = self._due.pop(0)
            self.start(service, deaths=deaths)
