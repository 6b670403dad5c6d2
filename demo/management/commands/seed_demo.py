"""`manage.py seed_demo`: people who were never there, for a first look."""

import json
import time
from argparse import ArgumentParser, ArgumentTypeError, RawDescriptionHelpFormatter
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from audit.errors import TrailBusyError
from config.devstack.layout import Layout
from config.progress import ProgressLine
from config.vault.errors import VaultUnavailableError
from demo import seeding, simulated_broker
from demo.chance import Chance
from demo.people import FIRST
from demo.seeding import Seeded, SomebodyIsThereError
from trading.management.commands.kite_simulator import CALLBACK_PATH

PASSWORD = "a demo among quiet rivers"  # noqa: S105 - everybody's, and nobody's who exists
EPILOG = f"""
Everybody's password is "{PASSWORD}"; start with {FIRST}. Outside of
development nobody can sign in as them. The accounts at Kite work with the simulator if it is started
afterwards, as `manage.py serve` does.

exit codes: 0 done, or nothing to do with --if-empty; 1 refused

examples:
  manage.py seed_demo
  manage.py seed_demo --seed 7 --until 2026-11-01T09:00+00:00 --dry-run --json
"""


class Command(BaseCommand):
    help = (
        "Make up 500 people with 90 days of sign-ins, an attack and two stolen sessions among them, 200 broker "
        "accounts in every state, policies, decisions and webhooks. Only in a database without people."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.epilog = EPILOG
        parser.add_argument("--seed", type=int, default=1, help="what chance begins with (1)")
        parser.add_argument(
            "--until", type=_moment, help="where the made-up past ends (the last full minute)"
        )
        parser.add_argument("--people", type=int, default=seeding.PEOPLE, help="how many (500)")
        parser.add_argument(
            "--accounts", type=int, default=seeding.ACCOUNTS, help="at brokers (200)"
        )
        parser.add_argument(
            "--if-empty", action="store_true", help="do nothing, quietly, where there are people"
        )
        parser.add_argument("--dry-run", action="store_true", help="make it all up and undo it")
        parser.add_argument("--json", action="store_true", help="answer for machines")
        parser.add_argument(
            "--into-production",
            action="store_true",
            help="needed outside of development: you want made-up people among real ones' records",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEVSTACK and not options["into_production"]:
            raise CommandError(
                "This is no development stack. Say --into-production if you really want made-up people here."
            )
        if options["if_empty"] and seeding.somebody_is_there():
            return
        if options["people"] < 50 or options["accounts"] < 0:
            raise CommandError("There must be 50 people or more, and no fewer than 0 accounts.")
        began = time.monotonic()
        chance = Chance(options["seed"], options["until"] or _last_minute())
        try:
            seeded = seeding.seed(
                chance,
                password=PASSWORD if settings.DEVSTACK else None,
                people_count=options["people"],
                accounts_count=options["accounts"],
                dry_run=options["dry_run"],
                progress=ProgressLine(self.stderr, "made-up rows"),
            )
        except SomebodyIsThereError:
            raise CommandError("There are people in this database already.") from None
        except (TrailBusyError, VaultUnavailableError) as error:
            raise CommandError(str(error)) from error
        if settings.DEVSTACK and not options["dry_run"]:
            _tell_the_simulator(seeded, chance)
        self._report(seeded, options, seconds=time.monotonic() - began)

    def _report(self, seeded: Seeded, options: dict[str, Any], *, seconds: float) -> None:
        if options["json"]:
            report = {
                "dry_run": options["dry_run"],
                "rows": seeded.rows,
                "seconds": round(seconds, 2),
            }
            self.stdout.write(json.dumps(report))
            return
        for name, number in seeded.rows.items():
            self.stdout.write(f"{name}: {number:,}")
        done = "undone again" if options["dry_run"] else "written"
        self.stdout.write(f"{seeded.total:,} rows {done} in {seconds:.1f} s.")


def _tell_the_simulator(seeded: Seeded, chance: Chance) -> None:
    layout: Layout = settings.LAYOUT  # type: ignore[misc]  # development has one
    simulated_broker.introduce(
        seeded.accounts,
        layout.simulator_state,
        redirect_url=settings.ENVIRONMENT.public_url + CALLBACK_PATH,
        chance=chance,
    )


def _last_minute() -> datetime:
    return timezone.now().replace(second=0, microsecond=0)


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise ArgumentTypeError("a moment such as 2026-11-01T09:00+00:00")
    return moment
