"""`manage.py event_schemas`: what the events look like, and whether that is what was published."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from events import schemas
from events.domain import DomainEvent


class Command(BaseCommand):
    help = (
        "Compare the event classes with their published schemas; exit 1 when one changed or is not published. "
        "Example: manage.py event_schemas --write"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--write",
            action="store_true",
            help="publish the schemas of new types; none is ever changed",
        )
        parser.add_argument(
            "--folder",
            type=Path,
            default=schemas.PUBLISHED,
            help="where they are (default: %(default)s)",
        )

    def handle(self, *args: Any, write: bool, folder: Path, **options: Any) -> None:
        events = DomainEvent.registry
        if changed := schemas.changed(events, folder):
            raise CommandError(
                f"Changed since they were published: {', '.join(changed)}. Give the class the next `version`."
            )
        new = schemas.unpublished(events, folder)
        if new and not write:
            raise CommandError(f"Not published yet: {', '.join(new)}. Run with --write.")
        for name in new:
            self.stdout.write(f"Published {schemas.publish(events[name], folder)}.")
        self.stdout.write(f"{len(events)} event types, all as published.")
