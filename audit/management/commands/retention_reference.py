"""`manage.py retention_reference`: the document about what is kept for how long."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit.privacy.retention import DOCUMENT, document


class Command(BaseCommand):
    help = (
        "Write docs/operators/retention.md from what the models declare. "
        "Example: manage.py retention_reference --check"
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="write nothing; exit code 1 if it is out of step"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        text = document()
        if DOCUMENT.exists() and DOCUMENT.read_text() == text:
            self.stdout.write("Nothing has changed.")
        elif options["check"]:
            raise CommandError(f"{DOCUMENT.name} is out of step: manage.py retention_reference.")
        else:
            DOCUMENT.write_text(text)
            self.stdout.write(f"Written: {DOCUMENT.name}")
