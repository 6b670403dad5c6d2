"""Write roles, policies and their cases into a folder."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from authz.as_code.exchange import export
from authz.as_code.formats import Format


class Command(BaseCommand):
    """The same state gives the same bytes."""

    help = (
        "Write roles, policies and their cases into a folder, a file each; files of what is no more are removed. "
        "Example: manage.py authz_export policies-in-git --format yaml"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--format", choices=[form.value for form in Format], default="json")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        files = export(folder, form=Format(options["format"]))
        text = json.dumps({"files": files}) if options["json"] else f"{len(files)} files written"
        self.stdout.write(text)
