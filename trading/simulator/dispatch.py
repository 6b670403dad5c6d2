"""One request in, one answer out: control, login page or API, with the fault that waits for it."""

from threading import RLock

from trading.simulator import control, demo, fixtures, pages, routes
from trading.simulator.clock import Clock
from trading.simulator.faults import Fault, FaultQueue
from trading.simulator.journal import Entry, Journal
from trading.simulator.limits import RateBuckets
from trading.simulator.messages import Reply, Request
from trading.simulator.refusals import KiteError
from trading.simulator.state import Book, State

PAGES = {pages.LOGIN_PATH, pages.CODE_PATH}


class KiteSimulator:
    """The whole simulated broker without its socket.

    `demo_redirect_url` brings the demo app and people in and is where that app's logins end.
    `requests_per_second` limits each API key; None switches the limit off.
    """

    def __init__(
        self,
        *,
        book: Book | None = None,
        demo_redirect_url: str | None = None,
        requests_per_second: float | None = None,
    ) -> None:
        self.lock = RLock()
        self.clock = Clock()
        self.faults = FaultQueue()
        self.journal = Journal()
        self.buckets = RateBuckets(self.clock, requests_per_second)
        self._demo_redirect_url = demo_redirect_url
        self._first_limit = requests_per_second
        self.state = State(self.clock, book)
        self._install_demo()

    def reset(self) -> None:
        """Back to the beginning: nothing but the demo, no faults, the machine's time."""
        self.clock.reset()
        self.faults.clear()
        self.journal.clear()
        self.buckets.set(self._first_limit)
        self.state = State(self.clock)
        self._install_demo()

    def answer(self, request: Request) -> tuple[Reply, Fault | None]:
        """The answer and, if one met the request, the fault that decides how it travels."""
        with self.lock:
            if request.path.startswith(control.PREFIX):
                return control.answer(self, request), None
            fault = self.faults.take(f"{request.method} {request.path}")
            if fault is None:
                reply = self._handle(request)
            else:
                reply = fault.disturb(self._handle(request) if fault.handles_request else Reply())
            self._record(request, reply, fault)
            return reply, fault

    def _handle(self, request: Request) -> Reply:
        try:
            if request.path in PAGES:
                return pages.answer(self.state, request)
            return routes.answer(self.state, self.buckets, request)
        except KiteError as refusal:
            return Reply.json(fixtures.error(refusal), status=refusal.status)

    def _record(self, request: Request, reply: Reply, fault: Fault | None) -> None:
        unsaid = fault is not None and (fault.raw is not None or fault.drop == "before_headers")
        self.journal.record(
            Entry(
                at=self.clock.now(),
                method=request.method,
                path=request.path,
                query=request.query,
                headers=request.headers,
                form=request.form,
                status=None if unsaid else reply.status,
            )
        )

    def _install_demo(self) -> None:
        if self._demo_redirect_url is not None:
            demo.install(self.state, redirect_url=self._demo_redirect_url)
