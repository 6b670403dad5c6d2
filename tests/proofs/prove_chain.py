"""Proves the chains of the trail at full length: `python -m tests.proofs.prove_chain`, some minutes.

Uses the server in DATABASE_URL (a database of its own there, dropped at the end), or a throwaway one.
"""

import argparse
import sys

from tests.proofs.prove_relay import fresh_database


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="of the trail (%(default)s)")
    options = parser.parse_args()
    with fresh_database():
        from tests.proofs.chain_at_length import prove  # Django is ready only now

        return 0 if prove(rows=options.rows) else 1


if __name__ == "__main__":
    sys.exit(main())
