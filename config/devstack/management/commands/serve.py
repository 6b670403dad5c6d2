"""`manage.py serve`: the whole stack on this machine."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config.devstack.errors import DevstackError
from config.devstack.runner import Stack
from config.devstack.supervisor import STEADY
from config.settings.sections.section import PROJECT_ROOT


class Command(BaseCommand):
    help = (
        "Run Gatehouse for development: PostgreSQL and Valkey if their URLs are not set, then the processes of the "
        "Procfile, until Ctrl-C. PORT and STATE_DIR choose where. Example: manage.py serve --only postgres,valkey"
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--only", default="", metavar="NAMES", help="run only these, with commas between"
        )
        parser.add_argument(
            "--procfile", type=Path, default=PROJECT_ROOT / "Procfile", help="what to run"
        )

        parser.add_argument(
            "--steady",
            type=float,
            default=STEADY,
            metavar="SECONDS",
            help="what lived for so long does not keep dying: it is started again however often (default: %(default)g)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        layout = getattr(settings, "LAYOUT", None)
        if layout is None:
            raise CommandError("This is for development: run it with config.settings.local.")
        stack = Stack(
            layout=layout,
            environment=settings.ENVIRONMENT,
            settings_module=settings.SETTINGS_MODULE,
            only=[name.strip() for name in options["only"].split(",") if name.strip()],
            procfile=options["procfile"],
            steady=options["steady"],
        )
        try:
            stack.run()
        except DevstackError as error:
            raise CommandError(str(error)) from error
