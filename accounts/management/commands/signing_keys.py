"""`manage.py signing_keys`: see and change the keys that sign access tokens."""

import json
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts.models import SigningKey
from accounts.services import signing_keys
from accounts.services.signing_keys import KeyChange
from config.http.problems import ProblemError

STAMPS = (
    "published_at",
    "activated_at",
    "retiring_at",
    "tokens_expire_at",
    "retired_at",
    "revoked_at",
)
EXAMPLES = """
examples:
  manage.py signing_keys list
  manage.py signing_keys rotate --dry-run
  manage.py signing_keys rotate
  manage.py signing_keys revoke 5vXbnKbF8v1jQmJXw0wZKq2yL0m1yqS3jT0d6o1Vx9E --reason "laptop stolen"
"""


class Command(BaseCommand):
    help = "List the keys that sign access tokens, replace the active one, or revoke one that is not safe any more."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.epilog = EXAMPLES
        actions = parser.add_subparsers(dest="action", required=True)
        actions.add_parser("list", help="every key with its state and dates")
        actions.add_parser(
            "rotate",
            help="the next key signs from now on; the first key is made when there is none",
        )
        revoke = actions.add_parser(
            "revoke", help="refuse the tokens of a key at once; its successor signs"
        )
        revoke.add_argument("kid")
        revoke.add_argument("--reason", required=True, help="why; goes into the audit trail")
        for name, action in actions.choices.items():
            action.add_argument("--json", action="store_true", help="for machines")
            if name != "list":
                action.add_argument(
                    "--dry-run",
                    action="store_true",
                    help="say what would change, and change nothing",
                )

    def handle(self, *args: Any, **options: Any) -> None:
        match options["action"]:
            case "list":
                self._list(as_json=options["json"])
            case "rotate":
                self._change(signing_keys.rotate, options)
            case "revoke":
                self._change(
                    partial(signing_keys.revoke, kid=options["kid"], reason=options["reason"]),
                    options,
                )

    def _change(self, service: Callable[[], KeyChange], options: dict[str, Any]) -> None:
        """Do it, and with `--dry-run` undo it before anybody sees it."""
        try:
            with transaction.atomic():
                change = service()
                transaction.set_rollback(options["dry_run"])
        except ProblemError as error:
            raise CommandError(str(error)) from None
        facts = {"dry_run": options["dry_run"], **asdict(change)}
        if options["json"]:
            self.stdout.write(json.dumps(facts))
            return
        self.stdout.write("Would have done:" if options["dry_run"] else "Done:")
        for name, value in facts.items():
            if value and name != "dry_run":
                self.stdout.write(f"  {name}: {value}")

    def _list(self, *, as_json: bool) -> None:
        keys = [_facts(key) for key in SigningKey.objects.all()]
        if as_json:
            self.stdout.write(json.dumps(keys))
            return
        for key in keys:
            self.stdout.write(
                f"{key['kid']}  {key['state']:8}  {key['algorithm']}  since {key['since']}"
            )
        if not keys:
            self.stdout.write(
                "No signing key yet: `manage.py signing_keys rotate` makes the first."
            )


def _facts(key: SigningKey) -> dict[str, Any]:
    stamps = {name: getattr(key, name) for name in STAMPS}
    return {
        "kid": key.kid,
        "state": key.state,
        "algorithm": key.algorithm,
        "since": key.state_since.isoformat(timespec="seconds"),
        **{name: stamp and stamp.isoformat(timespec="seconds") for name, stamp in stamps.items()},
    }
