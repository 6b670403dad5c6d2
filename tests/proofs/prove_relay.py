"""Proves the relay at full length: `python -m tests.proofs.prove_relay`, about a minute.

Uses the server in DATABASE_URL (a database of its own there, dropped at the end), or a throwaway one; the Valkey that
it stops is its own.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django
from django.test.utils import setup_databases, teardown_databases

from config.devstack.layout import Layout
from config.devstack.servers import POSTGRES, VALKEY, Throwaway


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--outage", type=float, default=30, help="seconds without Valkey (%(default)s)"
    )
    parser.add_argument(
        "--around", type=float, default=8, help="seconds before and after (%(default)s)"
    )
    options = parser.parse_args()
    with fresh_database():
        from tests.proofs.relay_under_fire import prove  # Django is ready only now

        return 0 if prove(outage=options.outage, around=options.around) else 1


@contextmanager
def fresh_database(*servers: str) -> Iterator[None]:
    """An empty database with our tables, and Django set up on it. `servers` are started; the usual one is PostgreSQL,
    where DATABASE_URL names none."""
    with tempfile.TemporaryDirectory(prefix="gatehouse-proof-") as folder:
        Path(folder).chmod(0o711)  # PostgreSQL's user passes through
        layout = Layout(Path(folder))
        named = os.environ.get("DATABASE_URL")
        started = Throwaway(
            layout, [each for each in servers or (POSTGRES,) if not (named and each == POSTGRES)]
        )
        started.start()
        os.environ.setdefault("DATABASE_URL", layout.database_url)
        if VALKEY in servers:
            os.environ["REDIS_URL"] = layout.redis_url
        os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"
        django.setup()
        made = setup_databases(verbosity=0, interactive=False)
        try:
            yield
        finally:
            teardown_databases(made, verbosity=0)
            started.stop()


if __name__ == "__main__":
    sys.exit(main())
