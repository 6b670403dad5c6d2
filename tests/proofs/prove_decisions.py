"""Proves the decision engine on many random policies: `python -m tests.proofs.prove_decisions`, minutes.

The comparisons of the suite, with more examples: the compiled closures against a slow interpreter, explain against
check, and ours against Cedar on what both can say.
"""

import argparse
import os
import subprocess
import sys

COMPARISONS = (
    "authz/tests/engine/test_agreement_with_the_interpreter.py",
    "authz/tests/engine/test_agreement_with_explain.py",
    "authz/tests/engine/test_agreement_with_cedar.py",
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--examples", type=int, default=10_000, help="for each comparison (%(default)s)"
    )
    options = parser.parse_args()
    environment = {**os.environ, "DECISION_EXAMPLES": str(options.examples)}
    command = [sys.executable, "-m", "pytest", "-v", "--durations=0", "--timeout=0", *COMPARISONS]
    return subprocess.run(command, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
