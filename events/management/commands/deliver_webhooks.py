"""`manage.py deliver_webhooks`: from the deliveries to the endpoints."""

import signal
from argparse import ArgumentParser
from contextlib import closing
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config.telemetry import watched_process
from events.services.stop import Stop
from events.services.webhooks.dispatcher import Dispatcher


class Command(BaseCommand):
    help = (
        "Deliver events to webhooks, for ever; run as many as you like. "
        "SIGTERM or Ctrl-C ends it after what is under way. "
        "Example: manage.py deliver_webhooks --once"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="try what is due, then end")
        parser.add_argument(
            "--concurrency",
            type=int,
            default=settings.ENVIRONMENT.webhook_concurrency,
            help="the most deliveries under way at once (default: %(default)s)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["concurrency"] < 1:
            raise CommandError("--concurrency must be 1 or more.")
        with closing(Stop()) as stop:
            stop.on(signal.SIGTERM, signal.SIGINT)
            dispatcher = Dispatcher(concurrency=options["concurrency"], stop=stop)
            if options["once"]:
                self.stdout.write(f"Made {dispatcher.drain()} deliveries.")
                return
            watched_process.begin()
            self.stdout.write("Delivering to webhooks.")
            self.stdout.flush()
            self.stdout.write(f"Made {dispatcher.run()} deliveries.")
