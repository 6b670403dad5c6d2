"""Proves that the trail is quick to ask at ten million rows: `python -m tests.proofs.prove_trail`, about half an hour.

Uses the server in DATABASE_URL (a database of its own there, dropped at the end), or a throwaway one. The user must be
a superuser: what is loaded goes past the triggers of the trail.
"""

import argparse
import sys

from tests.proofs.prove_relay import fresh_database


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000, help="of the trail (%(default)s)")
    parser.add_argument(
        "--before", type=int, default=100_000, help="rows to compare with (%(default)s)"
    )
    parser.add_argument(
        "--export", type=int, default=1_000_000, help="rows to export (%(default)s)"
    )
    options = parser.parse_args()
    with fresh_database():
        from tests.proofs import trail_exported, trail_filled, trail_questions  # Django is ready

        trail_filled.fill(options.before, first=0)
        before = trail_questions.asked()
        trail_filled.fill(options.rows - options.before, first=options.before)
        quick = trail_questions.compared(before, trail_questions.asked(), rows=options.rows)
        resumes = trail_exported.prove(rows=min(options.export, options.rows))
        return 0 if quick and resumes else 1


if __name__ == "__main__":
    sys.exit(main())
