"""`manage.py breached_passwords`: the list of passwords that nobody may choose."""

import json
import sys
from argparse import ArgumentParser, ArgumentTypeError, RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.breached.errors import BreachedListError
from accounts.services import breached_passwords
from accounts.services.breached_passwords import Update

DEFAULT_RATE = 0.001
EXAMPLES = """
examples:
  manage.py breached_passwords update pwned-passwords-sha1.txt.gz --min-count 50 --dry-run
  manage.py breached_passwords update pwned-passwords-sha1.txt.gz --min-count 50
  manage.py breached_passwords stats
  manage.py breached_passwords check < file-with-one-password

FILE has a line for each password: SHA-1 in hex with `:COUNT` or without, as Have I Been Pwned publishes them, or the
password itself. Give --output or set BREACHED_PASSWORDS_FILE, and restart the processes that run.
"""


class Command(BaseCommand):
    help = "Bring the list of breached passwords up to date, tell what is in use, or look one password up."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.epilog = EXAMPLES
        actions = parser.add_subparsers(dest="action", required=True)
        update = actions.add_parser("update", help="make the list of the operator anew")
        update.add_argument("file", type=Path, metavar="FILE")
        update.add_argument("--output", type=Path, help="default: BREACHED_PASSWORDS_FILE")
        update.add_argument(
            "--min-count",
            type=int,
            default=1,
            help="leave out what was seen less often (%(default)s)",
        )
        update.add_argument(
            "--rate",
            type=_probability,
            default=DEFAULT_RATE,
            help="of other passwords that are taken for breached (%(default)s)",
        )
        update.add_argument("--dry-run", action="store_true", help="read, count, and write nothing")
        actions.add_parser("stats", help="the lists in use")
        actions.add_parser(
            "check", help="look up the password on standard input; exit code 1 if breached"
        )
        actions.add_parser(
            "rebuild", help="make the shipped list anew, in a checkout of the project"
        )
        for action in actions.choices.values():
            action.add_argument("--json", action="store_true", help="for machines")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            match options["action"]:
                case "update":
                    self._update(options)
                case "stats":
                    self._tell(breached_passwords.stats(), as_json=options["json"])
                case "check":
                    self._check(as_json=options["json"])
                case "rebuild":
                    self._tell([breached_passwords.rebuild_shipped()], as_json=options["json"])
        except (BreachedListError, OSError, EOFError) as error:
            raise CommandError(str(error)) from error

    def _update(self, options: dict[str, Any]) -> None:
        target = options["output"] or settings.ENVIRONMENT.breached_passwords_file
        if target is None:
            raise CommandError("Where to? Set BREACHED_PASSWORDS_FILE, or give --output.")
        done = breached_passwords.update(
            source=options["file"],
            target=target,
            min_count=options["min_count"],
            rate=options["rate"],
            dry_run=options["dry_run"],
            report=self.stderr.write,
        )
        if options["json"]:
            self.stdout.write(json.dumps(breached_passwords.facts_of(done)))
        else:
            self._narrate(done)

    def _narrate(self, done: Update) -> None:
        self.stdout.write(
            f"{done.lines:,} lines of {done.format}: {done.passwords:,} passwords, "
            f"{done.below_min_count:,} below the count, {done.bad:,} bad lines"
        )
        for bad in done.bad_lines:
            self.stdout.write(f"  {bad}")
        verb = "Would write" if done.dry_run else "Wrote"
        self.stdout.write(
            f"{verb} {done.path}: {done.bytes:,} bytes, false-positive rate {done.false_positive_rate:g}"
        )

    def _tell(self, lists: list[dict[str, Any]], *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(lists))
            return
        for row in lists:
            self.stdout.write(
                f"{row['path']}: {row['passwords']:,} passwords, {row['bytes']:,} bytes, "
                f"false-positive rate {row['false_positive_rate']:g}"
            )

    def _check(self, *, as_json: bool) -> None:
        password = sys.stdin.readline().rstrip("\r\n")
        if not password:
            raise CommandError("No password on standard input.")
        breached = breached_passwords.is_breached(password)
        self.stdout.write(
            json.dumps({"breached": breached})
            if as_json
            else "breached"
            if breached
            else "not known"
        )
        if breached:
            sys.exit(1)


def _probability(text: str) -> float:
    value = float(text)
    if not 0 < value < 0.5:  # a filter that is wrong half of the time says nothing
        raise ArgumentTypeError("more than 0 and less than 0.5")
    return value
