"""`manage.py unlink_trading_accounts`: unlink every account at a broker, before the broker is given up."""

import json
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.http.problems import ProblemError
from config.progress import ProgressLine
from trading.brokers.registry import broker_names
from trading.models import TradingAccount
from trading.services import unlinking

EXAMPLES = """
examples:
  manage.py unlink_trading_accounts --broker paper --dry-run
  manage.py unlink_trading_accounts --broker paper --json

Each account is unlinked as its owner would do it: nobody can use it any more, its session at the broker ends, its
secrets are destroyed, and an event tells. There is no way back but linking again. It may be stopped and run again. Exit
code 0: no account at the broker is linked; 1: some still are.
"""


class Command(BaseCommand):
    help = "Unlink every account at a broker."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.epilog = EXAMPLES
        parser.add_argument("--broker", required=True, choices=broker_names())
        parser.add_argument("--dry-run", action="store_true", help="say how many, unlink none")
        parser.add_argument("--json", action="store_true", help="for machines")

    def handle(self, *args: Any, broker: str, dry_run: bool, **options: Any) -> None:
        linked = TradingAccount.objects.not_unlinked().filter(broker=broker)
        if dry_run:
            count = linked.count()
            self._tell(
                {"dry_run": True, "accounts": count}, f"Would unlink {count:,} accounts.", options
            )
            return
        unlinked = self._unlink(linked.order_by("pk"))
        self._tell(
            {"dry_run": False, "unlinked": unlinked}, f"Unlinked: {unlinked:,} accounts.", options
        )
        if left := TradingAccount.objects.not_unlinked().filter(broker=broker).count():
            raise CommandError(f"{left:,} accounts are not unlinked yet. Run this again.")

    def _unlink(self, accounts: Any) -> int:
        unlinked, total = 0, accounts.count()
        progress = ProgressLine(self.stderr, "accounts")
        for done, account in enumerate(accounts.iterator(), start=1):
            try:
                unlinking.complete(account)
            except ProblemError as problem:  # somebody else has begun meanwhile
                self.stderr.write(f"{account.public_id}: {problem.title}")
            else:
                unlinked += 1
            progress(done, total)
        return unlinked

    def _tell(self, facts: dict[str, Any], words: str, options: dict[str, Any]) -> None:
        self.stdout.write(json.dumps(facts) if options["json"] else words)
