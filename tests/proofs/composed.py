"""The services of `compose.yaml` in containers of podman, which has no Compose that reads all of that file.

What the file says of a service becomes the options of `podman run`, and its order is kept: a service starts when what
it depends on is healthy, or has ended well.
"""

import os
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from graphlib import TopologicalSorter
from pathlib import Path, PurePosixPath
from typing import Any

from tests.deployment.compose_file import waits_for

PATIENCE = 180.0  # seconds until a service is well
IMAGE_CHECK = ["gatehouse", "healthy"]  # HEALTHCHECK of our image
WORDS = {  # what the option is called that takes the value as it stands
    "user": "user",
    "shm_size": "shm-size",
    "stop_signal": "stop-signal",
    "restart": "restart",
}


@dataclass
class Composed:
    """The services of `document` (the file, filled in), with paths in it from `folder`."""

    folder: Path
    document: Mapping[str, Any]
    project: str = "gatehouse"
    _started: list[str] = field(default_factory=list)

    @property
    def services(self) -> dict[str, Any]:
        """What starts without a profile."""
        every: dict[str, Any] = self.document["services"]
        return {name: each for name, each in every.items() if "profiles" not in each}

    def make(self) -> None:
        """The networks and volumes."""
        for name, network in self.document["networks"].items():
            asked = network or {}
            options = ["--internal"] if asked.get("internal") else []
            pools = asked.get("ipam", {}).get("config", [])
            options += [f"--subnet={pool['subnet']}" for pool in pools]
            self.podman("network", "create", *options, f"{self.project}_{name}")
        for name in self.document["volumes"]:
            self.podman("volume", "create", f"{self.project}_{name}")

    def up(self) -> None:
        """Start every service after what it waits for, and wait until all are well. Raises SystemExit."""
        graph = {name: waits_for(each) for name, each in self.services.items()}
        for name in TopologicalSorter(graph).static_order():
            for awaited in graph[name]:
                self.wait_until_well(awaited)
            self._started.append(name)
            self.podman("run", "--detach", f"--name={self.name(name)}", *self._options(name))
        for name in self._started:
            self.wait_until_well(name)

    def down(self, *, seconds: int = 60) -> None:
        """Stop the services, those first that others need last; volumes stay."""
        for name in reversed(self._started):
            self.podman("stop", f"--time={seconds}", self.name(name), check=False)
            self.podman("rm", "--force", "--time=0", self.name(name), check=False)
        self._started = []

    def forget(self) -> None:
        """The networks and the volumes."""
        for name in self.document["volumes"]:
            self.podman("volume", "rm", "--force", f"{self.project}_{name}", check=False)
        for name in self.document["networks"]:
            self.podman("network", "rm", "--force", f"{self.project}_{name}", check=False)

    def wait_until_well(self, name: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not self.is_well(name):
            if time.monotonic() > deadline:
                raise SystemExit(f"{name} is not well:\n{self.logs(name)}")
            time.sleep(0.5)

    def is_well(self, name: str) -> bool:
        """Healthy, or ended well where it is one that ends."""
        check = self.services[name].get("healthcheck", {})
        if check.get("disable"):
            told = self._inspect(name, "{{.State.Status}} {{.State.ExitCode}}")
            return told == "exited 0"
        kind, *command = check.get("test", ["CMD", *IMAGE_CHECK])
        if kind == "CMD-SHELL":
            command = ["sh", "-c", *command]
        return self.inside(name, *command).returncode == 0

    def inside(self, name: str, *command: str) -> "subprocess.CompletedProcess[str]":
        return self.podman("exec", self.name(name), *command, check=False)

    def process(self, name: str) -> int:
        """The first process of the service, as this machine numbers it."""
        return int(self._inspect(name, "{{.State.Pid}}"))

    def logs(self, name: str) -> str:
        told = self.podman("logs", "--tail=400", self.name(name), check=False)
        return told.stdout + told.stderr

    def name(self, service: str) -> str:
        return f"{self.project}_{service}_1"

    def podman(self, *arguments: str, check: bool = True) -> "subprocess.CompletedProcess[str]":
        """Raises SystemExit with what it said when it fails and must not."""
        done = subprocess.run(
            ["podman", *arguments],  # noqa: S607 - whichever is here
            check=False,
            capture_output=True,
            text=True,
        )
        if check and done.returncode:
            raise SystemExit(f"podman {' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")
        return done

    def _inspect(self, name: str, form: str) -> str:
        return self.podman(
            "inspect", f"--format={form}", self.name(name), check=False
        ).stdout.strip()

    def _options(self, name: str) -> list[str]:
        service = self.services[name]
        limits = service.get("deploy", {}).get("resources", {}).get("limits", {})
        return [
            *os.environ.get("CONTAINER_ARGS", "").split(),
            *(f"--{option}={service[key]}" for key, option in WORDS.items() if key in service),
            *(["--init"] if service.get("init") else []),
            *(["--read-only", "--read-only-tmpfs=false"] if service.get("read_only") else []),
            *(f"--cap-drop={each}" for each in service.get("cap_drop", [])),
            *(f"--cap-add={each}" for each in service.get("cap_add", [])),
            *(f"--security-opt={each}" for each in service.get("security_opt", [])),
            # As Docker has it: empty, whatever the image has there.
            *(
                f"--tmpfs={each}{',notmpcopyup' if ':' in each else ':notmpcopyup'}"
                for each in service.get("tmpfs", [])
            ),
            *(f"--publish={each}" for each in service.get("ports", [])),
            *(
                f"--env={key}={value or ''}"
                for key, value in service.get("environment", {}).items()
            ),
            *([f"--cpus={limits['cpus']}"] if "cpus" in limits else []),
            *([f"--memory={limits['memory'].lower()}"] if "memory" in limits else []),
            *([f"--pids-limit={limits['pids']}"] if "pids" in limits else []),
            *self._networks(name, service["networks"]),
            *self._files(service),
            service["image"],
            *service.get("command", []),
        ]

    def _networks(self, name: str, joined: Any) -> list[str]:
        asked = joined if isinstance(joined, Mapping) else dict.fromkeys(joined)
        options = []
        for network, each in asked.items():
            names = [name, *(each or {}).get("aliases", [])]
            aliases = ",".join(f"alias={alias}" for alias in names)
            options.append(f"--network={self.project}_{network}:{aliases}")
        return options

    def _files(self, service: Mapping[str, Any]) -> list[str]:
        """Secrets, configurations and volumes, each where the service wants it."""
        found = [*self._given("secrets", service), *self._given("configs", service)]
        for each in service.get("volumes", []):
            source, target, *mode = each.split(":")
            place = self._path(source) if source.startswith(".") else f"{self.project}_{source}"
            found.append(":".join([place, target, *mode]))
        return [f"--volume={each}" for each in found]

    def _given(self, kind: str, service: Mapping[str, Any]) -> Iterator[str]:
        for each in service.get(kind, []):
            asked = {"source": each, "target": each} if isinstance(each, str) else each
            path = PurePosixPath("/run/secrets") / asked["target"]
            yield f"{self._path(self.document[kind][asked['source']]['file'])}:{path}:ro"

    def _path(self, relative: str) -> str:
        return str((self.folder / relative).resolve())
