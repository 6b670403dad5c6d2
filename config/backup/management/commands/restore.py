"""`manage.py restore`: the way back from a backup, step by step, before anybody is let in."""

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.backup import restoring
from config.backup.errors import BackupError
from config.http.problems import ProblemError
from config.vault.errors import LedgerRefusedError

EXAMPLES = """
examples:
  manage.py restore backups/2026-11-26
  manage.py restore backups/2026-11-26 --ledger ledger.jsonl
"""


class Command(BaseCommand):
    help = (
        "Restore a backup into an empty database, beside an empty Redis: destroy again what was erased since, see that "
        "secrets open and the trail is whole, and end all sessions. Let nobody in before it says that it is done."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.epilog = EXAMPLES
        parser.add_argument("folder", type=Path, help="what `manage.py backup` wrote")
        parser.add_argument(
            "--ledger",
            type=Path,
            action="append",
            default=[],
            help="erasures since the backup, as `vault_erasures export` told them; may be repeated",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            for line in restoring.restore(options["folder"], ledgers=options["ledger"]):
                self.stdout.write(line)
        except (BackupError, OSError) as error:
            raise CommandError(str(error)) from None
        except LedgerRefusedError as error:
            raise CommandError(f"{error} Let nobody in.") from None
        except ProblemError as error:
            raise CommandError(f"{error}. Let nobody in, and restore once more.") from None
        self.stdout.write("Done. Start the service.")
