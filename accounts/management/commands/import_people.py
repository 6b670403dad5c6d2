"""`manage.py import_people`: accounts for people who come from another service."""

import json
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.services.people_import import PeopleImport, import_people

EXAMPLES = """
examples:
  manage.py import_people people.jsonl --dry-run
  manage.py import_people people.jsonl

Each line of FILE is a JSON object:
  {"email": "asha@example.com", "name": "Asha Rao", "password_hash": "$2b$12$…", "verified": true}
and may have phone, timezone and locale. People sign in with the password that they have, whose hash is then replaced.
"""


class Command(BaseCommand):
    help = (
        "Make an account for each line of FILE whose address has none. Safe to run again. Exit code 1 when a line "
        "could not be used."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.epilog = EXAMPLES
        parser.add_argument("file", type=Path, metavar="FILE", help="one JSON object a line")
        parser.add_argument("--dry-run", action="store_true", help="check each line, keep nothing")
        parser.add_argument("--json", action="store_true", help="for machines")
        parser.add_argument(
            "--most-failures", type=int, default=100, help="that are named (%(default)s)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with options["file"].open("rb") as lines:
                outcome = import_people(
                    lines,
                    dry_run=options["dry_run"],
                    most_failures=options["most_failures"],
                    report=self.stderr.write,
                )
        except OSError as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps(asdict(outcome)))
        else:
            self._narrate(outcome)
        if outcome.failed:
            raise CommandError(f"{outcome.failed} of {outcome.lines} lines could not be used.")

    def _narrate(self, outcome: PeopleImport) -> None:
        verb = "Would create" if outcome.dry_run else "Created"
        self.stdout.write(
            f"{verb} {outcome.created:,}; {outcome.existing:,} have an account; {outcome.failed:,} failed."
        )
        for failure in outcome.failures:
            self.stdout.write(f"  line {failure['line']}: {failure['reason']}")
