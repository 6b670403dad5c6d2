"""`manage.py sync_trading_accounts`: profile and margins of some accounts, or of all."""

import json
import time
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from config.http.problems import ProblemError
from config.jobs.models import Job, JobState
from config.progress import ProgressLine
from trading.models import SyncTrigger, TradingAccount
from trading.services import bulk_sync, sync

EXAMPLES = """
examples:
  manage.py sync_trading_accounts
  manage.py sync_trading_accounts --account acc_01h455vb4pex5vsknk084sn02q --json
  manage.py sync_trading_accounts --dry-run

Without --account the workers do it as a job, and this command shows how far they are; Ctrl-C leaves the job running.
With --account it is done here. Exit code 0: every account is in step; 1: some are not; 2: the command was misused.
"""
PAUSE = 0.5  # seconds between two looks at the job


class Command(BaseCommand):
    help = "Ask brokers for profile and margins, of every account with a session or of the accounts named."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.epilog = EXAMPLES
        parser.add_argument(
            "--account",
            action="append",
            default=[],
            metavar="ACC",
            help="only this account (acc_…); may be given again",
        )
        parser.add_argument("--json", action="store_true", help="for machines")
        parser.add_argument("--dry-run", action="store_true", help="say how many, ask nobody")
        parser.add_argument(
            "--timeout", type=float, default=3600.0, help="seconds to watch the job (%(default)s)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        chosen = self._chosen(options["account"])
        if options["dry_run"]:
            count = (
                len(chosen) if chosen else TradingAccount.objects.syncable(timezone.now()).count()
            )
            self._tell(
                {"dry_run": True, "accounts": count}, f"Would sync {count:,} accounts.", options
            )
            return
        outcomes = self._sync_here(chosen) if chosen else self._watch_job(options["timeout"])
        words = ", ".join(f"{number:,} {outcome}" for outcome, number in sorted(outcomes.items()))
        self._tell({"dry_run": False, "outcomes": outcomes}, f"Synced: {words or 'none'}.", options)
        if missed := sum(outcomes.values()) - outcomes.get("succeeded", 0):
            raise CommandError(f"{missed:,} accounts are not in step.")

    def _chosen(self, names: list[str]) -> list[TradingAccount]:
        chosen = []
        for name in dict.fromkeys(names):
            account = TradingAccount.objects.open().with_public_id(name).first()
            if account is None:
                raise CommandError(f"There is no account {name}.", returncode=2)
            chosen.append(account)
        return chosen

    def _sync_here(self, accounts: list[TradingAccount]) -> dict[str, int]:
        outcomes: Counter[str] = Counter()
        progress = ProgressLine(self.stderr, "accounts")
        for done, account in enumerate(accounts, start=1):
            try:
                sync.refresh(account_id=account.pk, trigger=SyncTrigger.COMMAND)
            except ProblemError as problem:
                outcomes[problem.slug] += 1
                self.stderr.write(f"{account.public_id}: {problem.title}")
            else:
                outcomes["succeeded"] += 1
            progress(done, len(accounts))
        return dict(outcomes)

    def _watch_job(self, seconds: float) -> dict[str, int]:
        job = bulk_sync.start(owner=None, trigger=SyncTrigger.COMMAND).job
        until, progress = time.monotonic() + seconds, ProgressLine(self.stderr, "accounts")
        while True:
            job.refresh_from_db()
            progress(job.done, job.total)
            if job.ended:
                return self._outcomes_of(job)
            if time.monotonic() > until:
                raise CommandError(f"{job.public_id} goes on: {job.done:,} of {job.total:,}.")
            time.sleep(PAUSE)

    def _outcomes_of(self, job: Job) -> dict[str, int]:
        if job.state == JobState.FAILED:
            raise CommandError(f"{job.public_id} failed: {job.error}")
        outcomes: dict[str, int] = (job.result or {}).get("outcomes", {})
        return outcomes

    def _tell(self, facts: dict[str, Any], words: str, options: dict[str, Any]) -> None:
        self.stdout.write(json.dumps(facts) if options["json"] else words)
