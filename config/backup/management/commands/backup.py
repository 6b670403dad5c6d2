"""`manage.py backup`: everything that cannot be made again, in one folder."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.backup import making
from config.backup.errors import BackupError
from config.http.problems import ProblemError


class Command(BaseCommand):
    help = (
        "Write a backup into a new folder: a dump of the database and the ledger of erasures. It holds no key that "
        "opens a secret: the vault's key is kept elsewhere. Personal data is in it in the clear."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="must not exist yet")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            manifest = making.make(options["folder"])
        except BackupError as error:
            raise CommandError(str(error)) from None
        except ProblemError as error:
            raise CommandError(f"{error}. Run this again.") from None
        self.stdout.write(f"As of {manifest.made_at} in {options['folder']}.")
