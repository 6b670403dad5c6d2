"""`manage.py translations`: whether every text has its translation; and the catalogues, in step with the code."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.translations import shipped
from config.translations.extraction import all_texts


class Command(BaseCommand):
    help = (
        "Check that each text has its translation; exit code 1 when one has not. With --write, first put new texts "
        "into locale/*/LC_MESSAGES/django.po and make the .mo; with --prune, also take out those that are gone. "
        "Example: manage.py translations --write"
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--write", action="store_true", help="bring the catalogues into step with the code"
        )
        parser.add_argument(
            "--prune", action="store_true", help="with --write: take out what is not in the code"
        )

    def handle(self, *args: Any, write: bool, prune: bool, **options: Any) -> None:
        texts = all_texts()
        faults = []
        for language in shipped.languages():
            if write:
                shipped.write(
                    language, shipped.fitted(shipped.load(language), texts, prune=prune), texts
                )
            faults += [f"{language}: {fault}" for fault in shipped.faults(language, texts)]
        if faults:
            told = "\n".join(faults)
            raise CommandError(
                f"{told}\n{len(faults)} faults. Run `manage.py translations --write`, translate what is empty in "
                "locale/, and run it again."
            )
        self.stdout.write(f"{len(texts)} texts, all translated.")
