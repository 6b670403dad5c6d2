"""A Prometheus of its own, that scrapes one stack, with our alerts, only faster: what lasts a minute takes seconds."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import yaml

from config.devstack import ports
from config.devstack.readiness import wait_until_ready
from tests.operations.alert_files import RULES
from tests.proofs.alerts.faster import faster

MINUTE = 60_000  # milliseconds
START_LIMIT, STOP_LIMIT = 30.0, 20.0  # seconds
MISSING = "There is no `prometheus` on this machine. Debian and Ubuntu have it: apt-get install prometheus"


class PrometheusMissingError(Exception):
    """Nobody has installed it."""


@dataclass(frozen=True)
class Prometheus:
    """It listens on `port` of this machine."""

    port: int

    def firing(self) -> set[str]:
        """The names of the alerts that fire now."""
        with urlopen(f"http://127.0.0.1:{self.port}/api/v1/alerts", timeout=10) as answer:
            told: Any = json.loads(answer.read())
        return {
            alert["labels"]["alertname"]
            for alert in told["data"]["alerts"]
            if alert["state"] == "firing"
        }


@contextmanager
def watching(port: int, folder: Path, *, factor: int) -> Iterator[Prometheus]:
    """It watches the web on `port` for the length of the block; what it keeps is in `folder`.

    Raises PrometheusMissingError, and RuntimeError when it does not come up.
    """
    program = shutil.which("prometheus")
    if program is None:
        raise PrometheusMissingError(MISSING)
    own = ports.any_free()
    configuration = _write(port, folder, factor)
    command = [
        program,
        f"--config.file={configuration}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{own}",
        "--log.level=warn",
    ]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            url = f"http://127.0.0.1:{own}/-/ready"
            if not wait_until_ready(
                url, patience=START_LIMIT, may_come=lambda: process.poll() is None
            ):
                told = (folder / "log").read_text()
                raise RuntimeError(f"Prometheus did not become ready:\n{told}")
            yield Prometheus(own)
        finally:
            process.terminate()
            process.wait(STOP_LIMIT)


def _write(port: int, folder: Path, factor: int) -> Path:
    interval = f"{MINUTE // factor}ms"
    names = []
    for path in RULES:
        (folder / path.name).write_text(yaml.safe_dump(faster(path, factor)))
        names.append(path.name)
    document = {
        "global": {
            "scrape_interval": interval,
            "scrape_timeout": interval,  # what is away makes scrapes slow: they wait for it
            "evaluation_interval": "1s",
        },
        "rule_files": names,
        "scrape_configs": [
            {
                "job_name": "gatehouse",
                "static_configs": [{"targets": [f"127.0.0.1:{port}"]}],
            }
        ],
    }
    file = folder / "prometheus.yml"
    file.write_text(yaml.safe_dump(document))
    return file
