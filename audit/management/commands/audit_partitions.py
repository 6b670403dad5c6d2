"""`manage.py audit_partitions`: the months of the trail."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit.errors import TrailBusyError
from audit.services import partitions


class Command(BaseCommand):
    help = (
        "Make the partitions of the months to come, and with --drop-expired drop those past their time. "
        "Example: manage.py audit_partitions --dry-run --json"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="say what would be done")
        parser.add_argument(
            "--drop-expired",
            action="store_true",
            help="also drop months that are not kept any more",
        )
        parser.add_argument("--json", action="store_true", help="answer for machines")

    def handle(self, *args: Any, dry_run: bool, drop_expired: bool, **options: Any) -> None:
        try:
            made = partitions.ensure_ahead(dry_run=dry_run)
            dropped = partitions.drop_expired(dry_run=dry_run) if drop_expired else []
        except TrailBusyError as error:
            raise CommandError(str(error)) from error
        report = {
            "dry_run": dry_run,
            "made": [str(month) for month in made],
            "dropped": [str(month) for month in dropped],
            "existing": [str(month) for month in partitions.existing()],
            "stray_rows": partitions.stray_rows(),
        }
        if options["json"]:
            self.stdout.write(json.dumps(report))
            return
        for name, value in report.items():
            shown = ", ".join(value) or "none" if isinstance(value, list) else value
            self.stdout.write(f"{name}: {shown}")
