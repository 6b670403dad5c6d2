"""What was mailed in a test, and the links in it."""

import re
from typing import Any

from django.core import mail

from config.telemetry import planted_secrets


def mailed_to(address: str) -> list[Any]:
    """The mails to that address, in order."""
    return [each for each in mail.outbox if each.to == [address]]


def token_to(address: str) -> str:
    """That of the newest mail to the address. Raises AssertionError when it has none."""
    found = re.search(r"token=(\S+)", str(mailed_to(address)[-1].body))
    assert found
    planted_secrets.add(found[1])
    return found[1]
