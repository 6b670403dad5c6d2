"""`manage.py gdpr_erase`: what is held of a person, erased."""

import json
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.management.people import find_person
from accounts.models import User
from accounts.services import erasure
from audit.privacy.services import erasing
from config.http.problems import ProblemError

EXAMPLES = """
examples:
  manage.py gdpr_erase asha@example.com --dry-run
  manage.py gdpr_erase usr_01h455vb4pex5vsknk084sn02q
  manage.py gdpr_erase usr_01h455vb4pex5vsknk084sn02q --now --reason "court order 12/2026" --json

An account is erased once its person has closed it and the grace is over; --now does not wait, and closes an open one.
Killed anywhere, run it again: it goes on. A legal hold stops it (exit code 1).
"""


class Command(BaseCommand):
    help = "Erase what is held of USER: keys destroyed, rows deleted or anonymised, an id left that names nobody."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.epilog = EXAMPLES
        parser.add_argument("user", metavar="USER", help="an id (usr_…) or an e-mail address")
        parser.add_argument("--dry-run", action="store_true", help="say what would go")
        parser.add_argument("--now", action="store_true", help="do not wait for the grace")
        parser.add_argument("--reason", default="", help="for the request's record")
        parser.add_argument("--json", action="store_true", help="answer for machines")

    def handle(self, *args: Any, **options: Any) -> None:
        person = find_person(options["user"])
        if options["dry_run"]:
            self._preview(person, options)
            return
        try:
            changed = erasure.erase(user=person, reason=options["reason"], now=options["now"])
        except ProblemError as error:
            raise CommandError(f"{error.title}. {error.detail or ''}".strip()) from error
        if options["json"]:
            self.stdout.write(json.dumps({"user_id": person.public_id, "changed": changed}))
            return
        for model, rows in changed.items():
            self.stdout.write(f"{model}: {rows:,}")
        self.stdout.write(f"{person.public_id} is erased.")

    def _preview(self, person: User, options: dict[str, Any]) -> None:
        found = [each for each in erasing.look(person) if each.rows]
        if options["json"]:
            rows = [asdict(each) for each in found]
            self.stdout.write(json.dumps({"user_id": person.public_id, "would": rows}))
            return
        for each in found:
            self.stdout.write(f"{each.model}: {each.rows:,} would be {each.fate} ({each.why})")
