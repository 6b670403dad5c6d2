"""`manage.py grafana_dashboards`: the files of `deploy/grafana/dashboards`, from the code."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config.telemetry.grafana.boards import BOARDS, as_document


def files() -> dict[Path, str]:
    """What each file holds."""
    folder = Path(settings.BASE_DIR) / "deploy" / "grafana" / "dashboards"
    return {
        folder / f"{board.name}.json": json.dumps(as_document(board), indent=2) + "\n"
        for board in BOARDS
    }


class Command(BaseCommand):
    help = "Write Grafana's dashboards. Example: manage.py grafana_dashboards --check"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        how = parser.add_mutually_exclusive_group(required=True)
        how.add_argument("--write", action="store_true", help="write what is out of step")
        how.add_argument("--check", action="store_true", help="exit code 1 if anything is")

    def handle(self, *args: Any, **options: Any) -> None:
        stale = {
            path: text
            for path, text in files().items()
            if not path.exists() or path.read_text() != text
        }
        names = ", ".join(path.name for path in stale)
        if options["check"] and stale:
            raise CommandError(
                f"Out of step with the code: {names}. Run `manage.py grafana_dashboards --write`."
            )
        for path, text in stale.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        self.stdout.write(f"Written: {names}" if stale else "Nothing has changed.")
