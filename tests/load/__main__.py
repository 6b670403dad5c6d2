"""Puts load on a stack of its own, scenario by scenario: `python -m tests.load`, six minutes.

Exit code 1 when a request fails, or takes longer than its scenario allows.
"""

import argparse
import base64
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from config.devstack.layout import Layout
from config.devstack.ports import LOOPBACK, remembered_simulator_port
from config.settings.sections.section import PROJECT_ROOT
from tests.load.criteria import HEADER, SCENARIOS, Scenario, judged, read
from tests.proofs.crowd import bring_in
from tests.proofs.served import Served, served

PEOPLE = 1_000


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    names = [scenario.name for scenario in SCENARIOS]
    parser.add_argument("--only", choices=names, action="append", help="may be repeated")
    parser.add_argument("--seconds", type=int, help="of each scenario, instead of its own")
    options = parser.parse_args()
    chosen = [one for one in SCENARIOS if not options.only or one.name in options.only]
    with served() as stack, tempfile.TemporaryDirectory() as folder:
        scene = Path(folder) / "scene.json"
        scene.write_text(json.dumps(_scene(stack)))
        sys.stdout.write(f"{HEADER}\n")
        good = [_run(stack, scene, each, options.seconds) for each in chosen]
    return 0 if all(good) else 1


def _scene(stack: Served) -> dict[str, Any]:
    """Whom the users may be, and what they need."""
    emails = bring_in(stack, [f"person{number}" for number in range(PEOPLE)])
    client = json.loads(
        stack.manage("service_client", "create", "Load", "--scope", "authz:check", "--json")
    )
    port = remembered_simulator_port(Layout(Path(stack.environment["STATE_DIR"])))
    return {
        "emails": emails,
        "person": "usr_01jz0000000000000000000000",
        "token": _token(stack, client),
        "simulator": f"http://{LOOPBACK}:{port}",
    }


def _token(stack: Served, client: dict[str, str]) -> str:
    pair = f"{client['client_id']}:{client['client_secret']}".encode()
    request = Request(
        f"http://{LOOPBACK}:{stack.port}/v1/oauth/token",
        data=urlencode({"grant_type": "client_credentials"}).encode(),
        headers={"Authorization": f"Basic {base64.b64encode(pair).decode()}"},
    )
    with urlopen(request, timeout=30) as answer:  # noqa: S310 - as above
        token: str = json.load(answer)["access_token"]
    return token


def _run(stack: Served, scene: Path, scenario: Scenario, seconds: int | None) -> bool:
    """Tells the rows of the scenario; whether all is as it must be."""
    prefix = scene.with_name(scenario.people)
    done = subprocess.run(
        [
            *(sys.executable, "-m", "locust", "-f", "tests/load/people.py", scenario.people),
            *("--headless", "--only-summary", "--loglevel", "ERROR", "--exit-code-on-error", "0"),
            *("--host", f"http://{LOOPBACK}:{stack.port}", "--csv", str(prefix)),
            *("--users", str(scenario.users), "--spawn-rate", str(scenario.users)),
            *("--run-time", f"{seconds or scenario.seconds}s", "--stop-timeout", "60"),
        ],
        cwd=PROJECT_ROOT,
        env=os.environ | {"LOAD_SCENE": str(scene), "PYTHONPATH": str(PROJECT_ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"locust failed: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    rows, good = judged(scenario, read(Path(f"{prefix}_stats.csv").read_text().splitlines()))
    sys.stdout.write("\n".join(rows) + "\n")
    for failure in Path(f"{prefix}_failures.csv").read_text().splitlines()[1:10]:
        sys.stdout.write(f"{failure}\n")
    sys.stdout.flush()
    return good


if __name__ == "__main__":
    sys.exit(main())
