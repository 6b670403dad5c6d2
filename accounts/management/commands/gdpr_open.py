"""`manage.py gdpr_open`: a sealed archive opened again."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit.privacy.errors import ArchiveNotOpenedError
from audit.privacy.sealed_archive import unseal


class Command(BaseCommand):
    help = (
        "Open an archive that gdpr_export sealed; the password comes from stdin. "
        "Example: manage.py gdpr_open asha.sealed --output asha.zip < password"
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="the sealed archive")
        parser.add_argument("--output", type=Path, required=True, help="where the ZIP goes")

    def handle(self, *args: Any, **options: Any) -> None:
        password = sys.stdin.readline().rstrip("\n")
        try:
            unseal(options["file"], options["output"], password=password)
        except OSError as error:
            raise CommandError(str(error)) from error
        except ArchiveNotOpenedError:
            raise CommandError("Another password, or the file is not as it was sealed.") from None
        self.stdout.write(f"{options['output']}: opened")
