"""`manage.py kite_simulator`: the stand-in for Kite Connect, as a process of its own."""

import signal
from argparse import ArgumentParser
from pathlib import Path
from threading import Event
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from trading.simulator import demo
from trading.simulator.server import SimulatorServer
from trading.simulator.statefile import StateFileError

DEFAULT_PORT = 8010
CALLBACK_PATH = "/v1/trading-accounts/kite/callback"
KITE_REQUESTS_PER_SECOND = 10.0  # each API key, orders and market data apart


class Command(BaseCommand):
    help = "Run a stand-in for Kite Connect: its login page, its session and user API, and faults on demand."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="The address to listen on.")
        parser.add_argument(
            "--port", type=int, default=DEFAULT_PORT, help="The port; 0 takes a free one."
        )
        parser.add_argument(
            "--state-file", type=Path, help="Keep apps, people and sessions here between runs."
        )
        parser.add_argument(
            "--redirect-url",
            help=f"Where logins of the demo app end. Unset: PUBLIC_URL with {CALLBACK_PATH}.",
        )
        parser.add_argument(
            "--requests-per-second",
            type=float,
            default=KITE_REQUESTS_PER_SECOND,
            help="The limit for each API key; 0 for none.",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        redirect_url = options["redirect_url"] or settings.ENVIRONMENT.public_url + CALLBACK_PATH
        if urlsplit(redirect_url).scheme not in {"http", "https"}:
            raise CommandError("--redirect-url must be an http or https URL.")
        stop = Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        try:
            server = SimulatorServer(
                host=options["host"],
                port=options["port"],
                requests_per_second=options["requests_per_second"] or None,
                demo_redirect_url=redirect_url,
                state_path=options["state_file"],
            )
        except (OSError, OverflowError, StateFileError) as error:
            raise CommandError(f"The simulator cannot start: {error}") from error
        with server:
            self.stdout.write(
                f"Kite simulator on {server.url}, app {demo.API_KEY}, users {', '.join(demo.USER_IDS)}"
            )
            self.stdout.flush()
            stop.wait()
