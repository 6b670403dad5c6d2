"""`manage.py audit_checkpoint`: sign the chains of the trail now."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from audit.services import checkpoints
from config import base64url


class Command(BaseCommand):
    help = (
        "Sign a checkpoint of the audit trail and print it, a JSON object a line, to be kept elsewhere. "
        "Example: manage.py audit_checkpoint >> /mnt/elsewhere/checkpoints.jsonl"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--replace-key",
            action="store_true",
            help="sign with a new key from now on; the old one's private half is destroyed",
        )

    def handle(self, *args: Any, replace_key: bool, **options: Any) -> None:
        if replace_key:
            kid = checkpoints.replace_key()
            self.stderr.write(f"Signing with {kid} from now on.")
        for checkpoint in checkpoints.sign_all():
            told = {
                "number": checkpoint.number,
                "kid": checkpoint.kid,
                "statement": checkpoint.statement,
                "signature": base64url.encode(bytes(checkpoint.signature)),
            }
            self.stdout.write(json.dumps(told))
