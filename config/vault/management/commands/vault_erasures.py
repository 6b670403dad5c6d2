"""`manage.py vault_erasures`: keep the list of destroyed keys outside the database, and replay it after a restore."""

import json
import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from config.http.problems import ProblemError
from config.vault import erasures
from config.vault.errors import LedgerRefusedError

EXAMPLES = """
examples:
  manage.py vault_erasures export > ledger.jsonl
  manage.py vault_erasures export --since 2026-03-01T00:00:00Z >> ledger.jsonl
  manage.py vault_erasures replay ledger.jsonl --dry-run
  manage.py vault_erasures replay ledger.jsonl
"""


class Command(BaseCommand):
    help = (
        "Export the ledger of destroyed data keys, and destroy them again after a backup was restored, "
        "before anybody is let in."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.epilog = EXAMPLES
        actions = parser.add_subparsers(dest="action", required=True)
        export = actions.add_parser("export", help="one JSON object a line, on standard output")
        export.add_argument("--since", type=_moment, help="what was destroyed then or later")
        replay = actions.add_parser("replay", help="destroy again what the ledger names")
        replay.add_argument("ledger", help="a file, or - for standard input")
        replay.add_argument("--dry-run", action="store_true", help="say what would be destroyed")
        replay.add_argument("--json", action="store_true", help="for machines")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["action"] == "export":
                for line in erasures.export(since=options["since"]):
                    self.stdout.write(line)
            else:
                self._replay(options)
        except LedgerRefusedError as error:
            raise CommandError(f"{error} Nothing was destroyed.") from None
        except ProblemError as error:
            raise CommandError(f"{error}. Run this again.") from None

    def _replay(self, options: dict[str, Any]) -> None:
        told = erasures.read(_lines(options["ledger"]))
        done = erasures.survey(told) if options["dry_run"] else erasures.replay(told)
        if options["json"]:
            self.stdout.write(json.dumps({"dry_run": options["dry_run"], **done.as_dict()}))
            return
        verb = "would be destroyed" if options["dry_run"] else "were destroyed again"
        self.stdout.write(
            f"{done.destroyed} keys {verb}, {done.known} were destroyed already, "
            f"{done.absent} are not in this database."
        )


def _lines(ledger: str) -> list[str]:
    if ledger == "-":
        return sys.stdin.read().splitlines()
    try:
        return Path(ledger).read_text().splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{ledger} cannot be read: {error}") from None


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if timezone.is_aware(moment) else moment.replace(tzinfo=UTC)
