"""Put the shipped roles and policies in place."""

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from authz.services import shipped


class Command(BaseCommand):
    """Idempotent, and safe on many machines at once."""

    help = (
        "Install the shipped roles and policies; what staff changed, renamed or deleted is left alone. "
        "Example: manage.py authz_install --dry-run --json"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say what would be done")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        steps = shipped.install(dry_run=options["dry_run"])
        if options["json"]:
            report = {"dry_run": options["dry_run"], "steps": [asdict(step) for step in steps]}
            self.stdout.write(json.dumps(report))
            return
        for step in steps:
            self.stdout.write(f"{step.kind} {step.name}: {step.action}")
