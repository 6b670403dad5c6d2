"""Who is on the stage, and one run of Locust on it."""

import base64
import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from config.devstack.layout import Layout
from config.devstack.ports import LOOPBACK, remembered_simulator_port
from config.settings.sections.section import PROJECT_ROOT
from tests.load.criteria import Kind, read
from tests.proofs.crowd import bring_in
from tests.proofs.served import Served

PEOPLE = 1_000


class Scene:
    """A stack with people, a service client and a broker, told to Locust's users by a file in `folder`."""

    def __init__(self, stack: Served, folder: Path) -> None:
        self.stack = stack
        self.folder = folder
        self.failures: list[str] = []
        emails = bring_in(stack, [f"person{number}" for number in range(PEOPLE)])
        client = json.loads(
            stack.manage("service_client", "create", "Load", "--scope", "authz:check", "--json")
        )
        port = remembered_simulator_port(Layout(Path(stack.environment["STATE_DIR"])))
        self.client = (client["client_id"], client["client_secret"])
        self.known = {
            "emails": emails,
            "person": "usr_01jz0000000000000000000000",
            "simulator": f"http://{LOOPBACK}:{port}",
        }

    def run(self, people: str, *, users: int, seconds: int) -> list[Kind]:
        """What came of `users` of the class `people`; the first failures are in `failures` afterwards.

        Raises RuntimeError when Locust itself fails.
        """
        told = self.folder / "scene.json"
        told.write_text(json.dumps(self.known | {"token": self._token()}))
        prefix = self.folder / people
        done = subprocess.run(
            [
                *(sys.executable, "-m", "locust", "-f", "tests/load/people.py", people),
                *("--headless", "--only-summary", "--loglevel", "ERROR", "--exit-code-on-error"),
                *("0", "--host", f"http://{LOOPBACK}:{self.stack.port}", "--csv", str(prefix)),
                *("--users", str(users), "--spawn-rate", str(users)),
                *("--run-time", f"{seconds}s", "--stop-timeout", "60"),
            ],
            cwd=PROJECT_ROOT,
            env=os.environ | {"LOAD_SCENE": str(told), "PYTHONPATH": str(PROJECT_ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"locust failed: {done.stdout[-2000:]}{done.stderr[-2000:]}")
        self.failures = Path(f"{prefix}_failures.csv").read_text().splitlines()[1:10]
        return read(Path(f"{prefix}_stats.csv").read_text().splitlines())

    def _token(self) -> str:
        """For the service client, new for each run: it lives for minutes."""
        pair = ":".join(self.client).encode()
        request = Request(
            f"http://{LOOPBACK}:{self.stack.port}/v1/oauth/token",
            data=urlencode({"grant_type": "client_credentials"}).encode(),
            headers={"Authorization": f"Basic {base64.b64encode(pair).decode()}"},
        )
        with urlopen(request, timeout=30) as answer:  # noqa: S310 - as above
            token: str = json.load(answer)["access_token"]
        return token
