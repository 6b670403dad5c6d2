"""`manage.py account_states`: the diagram and tables of the page about broker accounts."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from trading import states_page


class Command(BaseCommand):
    help = (
        "Write the state machine of broker accounts into docs/integrators/broker-accounts.md. "
        "Example: manage.py account_states --check"
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="write nothing; exit code 1 if it is out of step"
        )
        parser.add_argument("--page", type=Path, default=states_page.PAGE, help="%(default)s")

    def handle(self, *args: Any, check: bool, page: Path, **options: Any) -> None:
        try:
            now = page.read_text()
            wanted = states_page.rewritten(now)
        except (OSError, states_page.NoPlaceError) as error:
            raise CommandError(str(error)) from error
        if now == wanted:
            self.stdout.write("Nothing has changed.")
        elif check:
            raise CommandError(
                f"{page.name} is out of step with the state machine. Run `manage.py account_states`."
            )
        else:
            page.write_text(wanted)
            self.stdout.write(f"Written: {page.name}")
