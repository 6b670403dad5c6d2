"""`manage.py audit_verify`: was anything in the trail changed?"""

import json
import sys
from argparse import ArgumentParser, ArgumentTypeError, RawDescriptionHelpFormatter
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit.services import chaining, verification
from audit.services.verification import Verified
from config.progress import ProgressLine

TAMPERED = 2
EXAMPLES = """
exit codes: 0 all is as it was written, 1 it could not be verified, 2 something was changed

examples:
  manage.py audit_verify
  manage.py audit_verify --from 2026-11-01 --to 2026-11-30 --json
"""


class Command(BaseCommand):
    help = "Walk the hash chains of the audit trail and name what was altered, removed, inserted or moved."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.epilog = EXAMPLES
        parser.add_argument("--from", dest="since", type=_day, help="the first day (UTC)")
        parser.add_argument("--to", dest="until", type=_day, help="the last day (UTC), included")
        parser.add_argument("--json", action="store_true", help="answer for machines")

    def handle(self, *args: Any, **options: Any) -> None:
        chaining.chain_waiting()
        try:
            verified = verification.verify(
                since=options["since"],
                until=options["until"],
                progress=ProgressLine(self.stderr, "rows"),
            )
        except ValueError as error:
            raise CommandError(f"{error}.") from error
        if options["json"]:
            self.stdout.write(json.dumps(report_of(verified)))
        else:
            self._tell(verified)
        if verified.findings.total:
            sys.exit(TAMPERED)

    def _tell(self, verified: Verified) -> None:
        for finding in verified.findings.named:
            told = {name: value for name, value in finding.as_json().items() if value is not None}
            self.stdout.write(
                ", ".join(f"{name} {value}" for name, value in told.items() if name != "detail")
                + f": {finding.detail}"
            )
        found = verified.findings.total
        verdict = f"{found} findings" if found else "all as it was written"
        self.stdout.write(f"{verified.rows} rows verified, {verified.waiting} waiting: {verdict}.")


def report_of(verified: Verified) -> dict[str, Any]:
    """The whole as JSON values."""
    return {
        "verification": verified.id,
        "rows": verified.rows,
        "waiting": verified.waiting,
        "intact": not verified.findings.total,
        "counts": {kind.value: number for kind, number in verified.findings.counts.items()},
        "findings": [finding.as_json() for finding in verified.findings.named],
    }


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError("a day such as 2026-11-30") from None
