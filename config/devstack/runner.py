"""`make serve`: the embedded servers, a database that is up to date, and the processes of the Procfile."""

import os
import signal
import sys
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread

from config.devstack import ports
from config.devstack.console import Console
from config.devstack.errors import DevstackError
from config.devstack.layout import Layout
from config.devstack.lock import Holder, StackLock
from config.devstack.preparation import prepare
from config.devstack.process import Command, Program
from config.devstack.procfile import read_procfile
from config.devstack.readiness import wait_until_ready
from config.devstack.servers import POSTGRES, VALKEY, embedded
from config.devstack.supervisor import STEADY, Say, Start, Stop, Supervisor
from config.settings.environment import Environment
from config.settings.sections.section import PROJECT_ROOT
from config.telemetry.metrics_directory import prepare_multiprocess_directory

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
WEB = "web"
# The C library gives the 19 MiB of a password hash back after each, and takes them in large pages: ADR 0271.
ALLOCATOR = "glibc.malloc.mmap_threshold=1048576:glibc.malloc.arena_max=1:glibc.malloc.hugetlb=1"
HEAD_START = 20.0  # seconds that the web has the processors to itself, so that a start feels quick


@dataclass
class Stack:
    """One `make serve`. `only` names the servers and processes to run; empty means all. Whoever lived for `steady`
    seconds does not keep dying.
    """

    layout: Layout
    environment: Environment
    settings_module: str
    only: Collection[str] = ()
    procfile: Path = PROJECT_ROOT / "Procfile"
    steady: float = STEADY
    console: Console = field(default_factory=Console)
    prepare: Callable[[], str] = prepare

    def run(self) -> None:
        """Start everything and work until a signal comes; then stop everything.

        Raises DevstackError for what a person must mend: a stack that runs already, a port that is taken, a server
        or process that does not come up.
        """
        lock = StackLock(self.layout)
        lock.take(Holder(pid=os.getpid(), port=self.environment.port))
        supervisor = Supervisor(self.console, self.layout.logs, lock.descriptor, steady=self.steady)
        try:
            with _stopping_on_signals(supervisor):
                self._start(supervisor)
                reason = supervisor.run()
            self.console.say("gatehouse", f"{reason}: stopping.")
        finally:
            supervisor.stop()
            lock.release()
        self.console.say("gatehouse", "Stopped.")

    def _start(self, supervisor: Supervisor) -> None:
        commands = self._commands()
        self._check_names(commands)
        wanted = [command for command in commands if self._wants(command.name)]
        if any(command.name == WEB for command in wanted):
            ports.demand_free(self.environment.port)
        for server in embedded(self.layout, self._wanted_servers()):
            supervisor.start(server)
        if not wanted:
            self.console.say(
                "gatehouse", f"Ready: {self.layout.database_url} {self.layout.redis_url}"
            )
            return
        prepare_multiprocess_directory(self.layout.metrics)
        self.console.say("gatehouse", "Bringing the database up to date.")
        sign_in = self.prepare()
        programs = {command.name: Program(command) for command in wanted}
        web = programs.pop(WEB, None)
        if web:
            supervisor.start(web)
            others = list(programs.values())
            Thread(target=self._follow_up, args=(supervisor, others, sign_in), daemon=True).start()
        else:
            for program in programs.values():
                supervisor.start(program)

    def _wants(self, name: str) -> bool:
        return not self.only or name in self.only

    def _wanted_servers(self) -> list[str]:
        """The servers that are not set by URL."""
        unset = {
            POSTGRES: self.environment.database_url is None,
            VALKEY: self.environment.redis_url is None,
        }
        return [name for name, is_unset in unset.items() if is_unset and self._wants(name)]

    def _check_names(self, commands: Collection[Command]) -> None:
        known = [POSTGRES, VALKEY, *(command.name for command in commands)]
        unknown = sorted(set(self.only) - set(known))
        if unknown:
            raise DevstackError(f"Unknown: {', '.join(unknown)}. There are: {', '.join(known)}.")

    def _commands(self) -> list[Command]:
        variables = {
            "PORT": str(self.environment.port),
            "SIMULATOR_PORT": str(ports.simulator_port(self.layout)),
            "STATE_DIR": str(self.layout.state_dir),
            "SIMULATOR_STATE": str(self.layout.simulator_state),
        }
        environment = {
            **os.environ,
            **variables,
            "DJANGO_SETTINGS_MODULE": self.settings_module,
            "PATH": f"{Path(sys.executable).parent}:{os.environ.get('PATH', os.defpath)}",
            "PYTHONUNBUFFERED": "1",
            "PROMETHEUS_MULTIPROC_DIR": str(self.layout.metrics),
            "GLIBC_TUNABLES": os.environ.get("GLIBC_TUNABLES", ALLOCATOR),
        }
        declared = read_procfile(self.procfile, variables)
        return [
            Command(name=name, argv=argv, environment=environment, cwd=PROJECT_ROOT)
            for name, argv in declared.items()
        ]

    def _follow_up(self, supervisor: Supervisor, others: Collection[Program], sign_in: str) -> None:
        """Start the others when nobody waits for the web any more, and say where everything is."""
        url = f"http://{ports.LOOPBACK}:{self.environment.port}/readyz"
        is_ready = wait_until_ready(url, patience=HEAD_START)
        for program in others:
            supervisor.events.put(Start(program))
        if is_ready or wait_until_ready(url):
            supervisor.events.put(Say(self._addresses(sign_in)))

    def _addresses(self, sign_in: str) -> str:
        base = self.environment.public_url
        lines = [
            "Gatehouse is ready.",
            f"  API              {base}/v1",
            f"  API docs         {base}/v1/docs",
            f"  Console          {base}/console/",
            f"  Mail             {base}/dev/mail/",
            f"  Kite simulator   http://{ports.LOOPBACK}:{ports.remembered_simulator_port(self.layout)}",
            f"  Console sign-in  {sign_in}  (works once)",
            "Ctrl-C stops it.",
        ]
        return "\n".join(lines)


@contextmanager
def _stopping_on_signals(supervisor: Supervisor) -> Iterator[None]:
    """Signals become events, so that nothing is interrupted half way."""
    before = {
        number: signal.signal(
            number, lambda number, _frame: supervisor.events.put(Stop(signal.Signals(number).name))
        )
        for number in STOP_SIGNALS
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
