"""`manage.py vault_rewrap`: wrap data keys again after the key-encryption key has changed."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.progress import ProgressLine
from config.vault import kms, rewrapping
from config.vault.errors import VaultUnavailableError


class Command(BaseCommand):
    help = (
        "Wrap every data key under the current key-encryption key. It may be stopped at any moment and started again; "
        "every secret opens before, during and after."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="say how many there are")
        parser.add_argument("--background", action="store_true", help="have the workers do it")
        parser.add_argument("--json", action="store_true", help="for machines")

    def handle(self, *args: Any, **options: Any) -> None:
        self.as_json: bool = options["json"]
        try:
            if options["dry_run"]:
                self._say_what_waits()
            elif options["background"]:
                job = rewrapping.enqueue(owner=None)
                self._say({"job": job.public_id}, f"The workers do it: {job.public_id}.")
            else:
                self._rewrap()
        except VaultUnavailableError as error:
            raise CommandError(
                f"The key service cannot be used: {error} Nothing is lost; run this again."
            ) from None

    def _say_what_waits(self) -> None:
        kek, pending = kms.current(), rewrapping.pending()
        self._say(
            {"dry_run": True, "pending": pending, "kek": asdict(kek)},
            f"{pending} data keys are not under {kek.provider} {kek.id} version {kek.version}.",
        )

    def _rewrap(self) -> None:
        line = ProgressLine(self.stderr, "data keys")
        progress = rewrapping.rewrap_all(
            report=lambda now: line(now.looked_at, now.looked_at + now.left)
        )
        self._say(
            rewrapping.as_result(progress),
            f"Done: {progress.rewrapped} wrapped again, {progress.overtaken} changed by others meanwhile, "
            f"{progress.refused} do not open.",
        )
        if progress.refused:
            raise CommandError("Data keys that do not open were left as they are; see the log.")

    def _say(self, facts: dict[str, Any], words: str) -> None:
        self.stdout.write(json.dumps(facts) if self.as_json else words)
