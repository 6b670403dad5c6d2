"""Proves that searches and `check` agree: `python -m tests.proofs.prove_search`, the suite's comparison at length."""

import argparse
import os
import subprocess
import sys

COMPARISON = "authz/tests/services/test_search_agreement.py"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=10_000, help="(%(default)s)")
    options = parser.parse_args()
    environment = {**os.environ, "SEARCH_EXAMPLES": str(options.examples)}
    command = [sys.executable, "-m", "pytest", "-v", "--durations=0", "--timeout=0", COMPARISON]
    return subprocess.run(command, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
