"""`manage.py relay_events`: from the outbox to Redis."""

import signal
from argparse import ArgumentParser
from contextlib import closing
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config import redis
from config.telemetry import watched_process
from events.services.relay_process import Relay
from events.services.stop import Stop


class Command(BaseCommand):
    help = (
        "Send committed events to the Redis stream and to Pub/Sub, for ever; run as many as you like. "
        "SIGTERM or Ctrl-C ends it after the batch in hand. "
        "Example: manage.py relay_events --once"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="send what is pending, then end")
        parser.add_argument(
            "--batch",
            type=int,
            default=settings.ENVIRONMENT.relay_batch_size,
            help="the most events in one transaction (default: %(default)s)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["batch"] < 1:
            raise CommandError("--batch must be 1 or more.")
        with closing(Stop()) as stop:
            stop.on(signal.SIGTERM, signal.SIGINT)
            relay = Relay(client=redis.client(), batch_size=options["batch"], stop=stop)
            if options["once"]:
                self._once(relay)
                return
            watched_process.begin()
            self.stdout.write("Relaying events.")
            self.stdout.flush()
            self.stdout.write(f"Relayed {relay.run()} events.")

    def _once(self, relay: Relay) -> None:
        done = relay.drain()
        if done.error:
            raise CommandError(f"Relayed {done.sent} events, then stopped: {done.error}")
        self.stdout.write(f"Relayed {done.sent} events.")
