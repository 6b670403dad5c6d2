"""Many people with one password, and addresses for them to come from."""

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path

import argon2

from tests.proofs.served import Served

PASSWORD = "the one password of a whole crowd"


def bring_in(stack: Served, names: Sequence[str]) -> list[str]:
    """Active people, a person for each name; returns their e-mail addresses."""
    hasher = argon2.PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
    encoded = f"argon2{hasher.hash(PASSWORD)}"
    emails = [f"{name}@crowd.example" for name in names]
    with tempfile.TemporaryDirectory() as folder:
        people = Path(folder) / "people.jsonl"
        people.write_text(
            "".join(
                json.dumps(
                    {
                        "email": email,
                        "name": "One of many",
                        "password_hash": encoded,
                        "verified": True,
                    }
                )
                + "\n"
                for email in emails
            )
        )
        stack.manage("import_people", str(people), "--json")
    return emails


def address(number: int) -> str:
    """The address of the client with this number: no two share a /24."""
    return f"10.{number // 256 % 256}.{number % 256}.7"
