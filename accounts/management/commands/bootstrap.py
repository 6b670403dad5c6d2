"""Bring an empty database to where the service can start. Safe to run at every start, on many machines at once."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from accounts.services import console_link, signing_keys
from authz.services import shipped
from config.jobs.schedule import sync_schedule


class Command(BaseCommand):
    """Idempotent: what is there is left alone."""

    help = (
        "Install the shipped roles and policies, the first signing key and the periodic tasks. "
        "Example: manage.py bootstrap --console-link --json"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--console-link",
            action="store_true",
            help="also make the first administrator, if nobody is, and print a one-time link into the console",
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        shipped.install()
        key = signing_keys.ensure_first()
        sync_schedule()
        result = {"signing_key": key.kid}
        if options["console_link"]:
            result["console_link"] = console_link.issue(user=console_link.ensure_admin())
        if options["json"]:
            self.stdout.write(json.dumps(result))
        else:
            for name, value in result.items():
                self.stdout.write(f"{name}: {value}")
