"""`manage.py settings_reference`: the documents that are written from the settings."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.settings.reference import documents
from config.settings.sections.section import PROJECT_ROOT


class Command(BaseCommand):
    help = (
        "Write .env.example and docs/operators/settings.md from config.settings.environment. "
        "Example: manage.py settings_reference --check"
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--check",
            action="store_true",
            help="write nothing; exit code 1 if they are out of step",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        stale = {
            path: text
            for path, text in documents().items()
            if not path.exists() or path.read_text() != text
        }
        names = ", ".join(str(path.relative_to(PROJECT_ROOT)) for path in stale)
        if options["check"]:
            if stale:
                raise CommandError(
                    f"Out of step with the settings: {names}. Run `manage.py settings_reference`."
                )
            return
        for path, text in stale.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        self.stdout.write(f"Written: {names}" if stale else "Nothing has changed.")
