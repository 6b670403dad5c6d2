"""Proves that the console is quick at a hundred thousand people and a million rows of the trail:
`python -m tests.proofs.prove_console`, about ten minutes.

Uses the server in DATABASE_URL (a database of its own there, dropped at the end), or a throwaway one. The user must be
a superuser: what is multiplied goes past triggers.
"""

import argparse
import logging
import sys

from config.devstack.servers import POSTGRES, VALKEY
from tests.proofs.prove_relay import fresh_database


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=100_000, help="(%(default)s)")
    parser.add_argument("--trail", type=int, default=1_000_000, help="rows of it (%(default)s)")
    parser.add_argument(
        "--most", type=int, default=300_000, help="rows of any other table (%(default)s)"
    )
    parser.add_argument(
        "--times", type=int, default=5, help="that a slow page is asked (%(default)s)"
    )
    options = parser.parse_args()
    logging.disable(logging.WARNING)
    with fresh_database(POSTGRES, VALKEY):
        from accounts.services.console_link import ensure_admin  # Django is ready only now
        from tests.proofs import console_asked, console_filled

        ensure_admin()
        console_filled.seed(500)
        before = console_asked.all_asked(times=1)
        console_filled.multiply(people=options.people, most=options.most, trail=options.trail)
        now = console_asked.all_asked(times=options.times)
        return 0 if console_asked.compared(before, now) else 1


if __name__ == "__main__":
    sys.exit(main())
