"""`manage.py audit_export`: the trail, or a part of it, into a file."""

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from rest_framework.exceptions import ValidationError

from audit.exports.formats import WRITERS, ExportFormat
from audit.exports.reading import expected_rows, pages_of
from audit.services import exports
from audit.trail_filter import TrailFilter
from config.http.problems import InvalidRequestError
from config.progress import ProgressLine

FILTERS = ("user_id", "event_type", "from", "to", "ip", "session_id", "outcome", "risk")
EXAMPLES = """
examples:
  manage.py audit_export november.jsonl --from 2026-11-01T00:00:00Z --to 2026-12-01T00:00:00Z
  manage.py audit_export failed.csv --format csv --event-type auth.login.failed --event-type auth.login.blocked
"""


class Command(BaseCommand):
    help = (
        "Write rows of the audit trail into a file, newest first. The trail says that it was done."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.epilog = EXAMPLES
        parser.add_argument("file", type=Path, help="must not exist yet")
        parser.add_argument("--format", choices=ExportFormat.values, default=ExportFormat.JSONL)
        for name in FILTERS:
            action = "append" if name == "event_type" else "store"
            parser.add_argument(
                f"--{name.replace('_', '-')}",
                dest=f"filter_{name}",
                action=action,
                help=f"as `{name}` of GET /v1/audit/events",
            )

    def handle(self, *args: Any, **options: Any) -> None:
        asked = {name: options[f"filter_{name}"] for name in FILTERS}
        question = {name: value for name, value in asked.items() if value is not None}
        try:
            narrow = TrailFilter.of(question)
        except (ValidationError, InvalidRequestError) as error:
            raise CommandError(f"No such filter: {error}") from error
        target: Path = options["file"]
        if target.exists():
            raise CommandError(f"{target} exists already.")
        rows = self._write(narrow, target, options["format"])
        exports.note_written(format=options["format"], question=question, rows=rows)
        self.stdout.write(f"{rows} rows in {target}.")

    def _write(self, question: TrailFilter, target: Path, name: str) -> int:
        """Into a file beside it, which takes the name when it is whole."""
        writer, before, rows = WRITERS[name], timezone.now(), 0
        progress = ProgressLine(self.stderr, "rows")
        part = target.with_name(f"{target.name}.part")
        expected = expected_rows(question, before)
        with part.open("wb") as out:
            out.write(writer.opening)
            for page in pages_of(writer, question, before):
                out.write(writer.go_on(page.text, first=rows == 0))
                rows += page.rows
                progress(rows, expected)
            out.write(writer.closing)
        part.replace(target)
        return rows
