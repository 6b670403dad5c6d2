"""Run the cases of all policies."""

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from authz.services import case_runs
from authz.services.case_runs import CaseRun


class Command(BaseCommand):
    """Exit code 1 when a case does not hold."""

    help = (
        "Run the cases that are kept with the policies against the policies in force; exit code 1 when one does not "
        "hold. Example: manage.py authz_test --json"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        runs = case_runs.run_all()
        failed = [run for run in runs if not run.holds]
        if options["json"]:
            report = {"cases": len(runs), "failed": [_as_json(run) for run in failed]}
            self.stdout.write(json.dumps(report))
        else:
            for run in failed:
                self.stdout.write(f"{run.name}: {run.sentence}")
            self.stdout.write(f"{len(runs) - len(failed)} of {len(runs)} cases hold")
        if failed:
            sys.exit(1)


def _as_json(run: CaseRun) -> dict[str, str]:
    return {"policy": run.policy, "case": run.case.name, "detail": run.sentence}
