"""Make roles, policies and their cases equal to a folder."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from authz.as_code.exchange import Imported, import_all

FLAWED, DRIFTED = 1, 3


class Command(BaseCommand):
    """Exit code 1 when something is wrong and nothing was done; 3 when a dry run found a difference."""

    help = (
        "Make roles, policies and their cases equal to a folder that authz_export wrote, wholly or not at all. "
        "Exit code 1: something is wrong, and nothing was changed. 3: a dry run found differences. "
        "Example: manage.py authz_import policies-in-git --dry-run"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="only say what is different")
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        parser.add_argument(
            "--prune", action="store_true", help="remove what the folder does not have"
        )
        parser.add_argument(
            "--break-cases", action="store_true", help="go ahead although cases break"
        )
        parser.add_argument("--reason", default="imported from files", help="for the trail")

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        done = import_all(
            folder,
            reason=options["reason"],
            prune=options["prune"],
            dry_run=options["dry_run"],
            break_cases=options["break_cases"],
        )
        if options["json"]:
            self.stdout.write(json.dumps({"dry_run": options["dry_run"], **asdict(done)}))
        else:
            self._tell(done)
        if done.flaws:
            sys.exit(FLAWED)
        if options["dry_run"] and done.changes:
            sys.exit(DRIFTED)

    def _tell(self, done: Imported) -> None:
        for flaw in done.flaws:
            self.stderr.write(f"{flaw.file}: {flaw.path + ': ' if flaw.path else ''}{flaw.detail}")
        if done.flaws:
            self.stderr.write("Nothing was changed.")
            return
        for change in done.changes:
            self.stdout.write(f"{change.part}/{change.name}: {change.action}")
        for case in done.broken_cases:
            self.stdout.write(f"{case}: broken")
        if not done.changes:
            self.stdout.write("No difference.")
