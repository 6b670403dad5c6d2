"""A whole running service, for tests that knock at its real door."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from config.devstack import ports
from config.devstack.readiness import wait_until_ready

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 300  # seconds for the first start, servers and migrations included


@dataclass(frozen=True)
class Service:
    """`make serve`, running on an empty state folder of its own."""

    url: str
    environment: dict[str, str]
    state_dir: Path

    def manage(self, *arguments: str) -> str:
        """The output of a `manage.py` command beside the running service."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Start everything once for the run; stop it as Ctrl-C would, and find nothing left behind."""
    port = ports.any_free()
    state_dir = tmp_path_factory.mktemp("state")
    inherited = {
        name: value
        for name, value in os.environ.items()
        if name
        not in {"DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE", "PROMETHEUS_MULTIPROC_DIR"}
    }
    url = f"http://localhost:{port}"
    environment = inherited | {
        "PORT": str(port),
        "STATE_DIR": str(state_dir),
        "PUBLIC_URL": url,
        "DEMO_DATA": "false",
        "DJANGO_SETTINGS_MODULE": "config.settings.local",
    }
    log = (state_dir / "serve.log").open("w+")
    process = subprocess.Popen(
        [sys.executable, "manage.py", "serve"],
        cwd=ROOT,
        env=environment,
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    try:
        if not wait_until_ready(
            f"{url}/readyz", patience=PATIENCE, may_come=lambda: process.poll() is None
        ):
            told = Path(log.name).read_text()[-5000:]
            pytest.fail(f"the service did not become ready:\n{told}")
        yield Service(url, environment, state_dir)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=60)
        log.close()
