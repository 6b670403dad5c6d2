"""`manage.py replay_events`: sent events once more, and those that were set aside."""

import json
from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.utils.dateparse import parse_datetime

from config import redis
from config.progress import ProgressLine
from events.errors import ReplayStoppedError
from events.models import OutboxEvent
from events.services.replay import Selection, send_again, try_again

BATCH = 500


class Command(BaseCommand):
    help = (
        "Send events that went out once more, with the ids that they had: to the stream and to Pub/Sub. "
        "As far back as OUTBOX_RETENTION keeps them; webhooks have replays of their own. "
        "With --set-aside: put those that Redis refused again and again back in line. "
        "Example: manage.py replay_events --from 2026-11-25T09:00:00Z --type user.suspended.v1"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--ids", nargs="+", default=[], metavar="evt_…", help="these alone")
        parser.add_argument(
            "--set-aside", action="store_true", help="those that were set aside, for the relays"
        )
        parser.add_argument("--from", dest="begin", help="what happened from then on (RFC 3339)")
        parser.add_argument("--to", dest="end", help="what happened before then (RFC 3339)")
        parser.add_argument("--type", default="", help="of one type, such as user.created.v1")
        parser.add_argument("--subject", default="", help="about one subject, such as usr_…")
        parser.add_argument("--dry-run", action="store_true", help="only say how many it would be")
        parser.add_argument("--json", action="store_true", help="the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        if not (options["ids"] or options["begin"] or options["set_aside"]):
            raise CommandError("Say which: --ids, --from or --set-aside.")
        selection = Selection(
            set_aside=options["set_aside"],
            ids=[_key(text) for text in options["ids"]],
            begin=_moment("--from", options["begin"]),
            end=_moment("--to", options["end"]),
            event_type=options["type"],
            subject=options["subject"],
        )
        chosen = selection.events().count()
        if selection.set_aside:
            self._back_in_line(selection, chosen, options)
        else:
            self._sent_again(selection, chosen, options)

    def _back_in_line(self, selection: Selection, chosen: int, options: dict[str, Any]) -> None:
        number = 0 if options["dry_run"] else try_again(events=selection.events())
        if options["json"]:
            self.stdout.write(json.dumps({"selected": chosen, "in_line": number}))
        elif options["dry_run"]:
            self.stdout.write(f"Would put {chosen} events back in line.")
        else:
            self.stdout.write(f"Put {number} events back in line.")

    def _sent_again(self, selection: Selection, chosen: int, options: dict[str, Any]) -> None:
        if chosen < len(set(selection.ids)):
            self.stderr.write(
                "Some of them are not among those that went out. Relays send what waits; --set-aside puts back in "
                "line what was set aside."
            )
        sent = 0 if options["dry_run"] else self._send(selection, chosen)
        if options["json"]:
            self.stdout.write(json.dumps({"selected": chosen, "sent": sent}))
        elif options["dry_run"]:
            self.stdout.write(f"Would send {chosen} events.")
        else:
            self.stdout.write(f"Sent {sent} events again.")

    def _send(self, selection: Selection, chosen: int) -> int:
        sent, progress = 0, ProgressLine(self.stderr, "events")
        try:
            for number in send_again(client=redis.client(), selection=selection, batch_size=BATCH):
                sent += number
                progress(sent, chosen)
        except ReplayStoppedError as error:
            raise CommandError(
                f"Sent {sent} of {chosen} events again, then stopped: {error}"
            ) from None
        return sent


def _key(text: str) -> UUID:
    key = OutboxEvent.parse_id(text)
    if key is None:
        raise CommandError(f"{text} is not the id of an event (evt_…).")
    return key


def _moment(option: str, text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = parse_datetime(text)
    except ValueError:
        moment = None
    if moment is None:
        raise CommandError(f"{option}: {text} is no time such as 2026-11-25T09:00:00Z.")
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
