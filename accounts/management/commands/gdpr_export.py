"""`manage.py gdpr_export`: the archive of what is held of a person."""

import json
import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.management.people import find_person
from audit.privacy import archive, sealed_archive
from config.progress import ProgressLine

EXAMPLES = """
examples:
  manage.py gdpr_export asha@example.com
  manage.py gdpr_export usr_01h455vb4pex5vsknk084sn02q --output asha.zip --json
  pwgen 24 1 | tee password | manage.py gdpr_export asha@example.com --output asha.sealed --password-stdin

With --password-stdin the archive is sealed (AES-256-GCM, key by scrypt): manage.py gdpr_open opens it again.
"""
SHORTEST_PASSWORD = 12


class Command(BaseCommand):
    help = "Write the archive of what is held of USER (an id or an e-mail address): a ZIP with a page to read."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.epilog = EXAMPLES
        parser.add_argument("user", metavar="USER", help="an id (usr_…) or an e-mail address")
        parser.add_argument("--output", type=Path, metavar="FILE", help="default: USER's id.zip")
        parser.add_argument(
            "--password-stdin", action="store_true", help="seal it with a password from stdin"
        )
        parser.add_argument("--json", action="store_true", help="print the manifest for machines")

    def handle(self, *args: Any, **options: Any) -> None:
        person = find_person(options["user"])
        target: Path = options["output"] or Path(f"{person.public_id}.zip")
        password = _password() if options["password_stdin"] else ""
        try:
            with TemporaryDirectory(dir=target.absolute().parent, prefix=".archive-") as folder:
                plain = Path(folder) / "archive.zip"
                manifest = archive.build(
                    person=person, target=plain, report=ProgressLine(self.stderr, "areas")
                )
                if password:
                    sealed = Path(folder) / "archive.sealed"
                    sealed_archive.seal(plain, sealed, password=password)
                    plain = sealed
                plain.replace(target)
        except OSError as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps({"file": str(target), **manifest}))
        else:
            self.stdout.write(f"{target}: {len(manifest['files'])} files of {person.public_id}")


def _password() -> str:
    password = sys.stdin.readline().rstrip("\n")
    if len(password) < SHORTEST_PASSWORD:
        raise CommandError(f"A password has {SHORTEST_PASSWORD} characters or more.")
    return password
