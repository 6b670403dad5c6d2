"""Containers of the image beside the embedded servers, as locked up as compose.yaml and Kubernetes lock them."""

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

LOCKED = [
    "--read-only",
    "--cap-drop=all",
    "--security-opt=no-new-privileges",
    "--tmpfs=/tmp:mode=1777",
    "--tmpfs=/run/gatehouse:mode=1777",
    "--user=10001:10001",
]


# What podman puts over /run of a container that is read-only hides the mode that /run/gatehouse has in the image, and
# some runtimes give a tmpfs the mode of what is below it.
LOCKED_BY = {"podman": ["--read-only-tmpfs=false"], "docker": []}


def runtime() -> str:
    """The command that runs containers. Raises SystemExit when there is none.

    CONTAINER_ARGS adds what a machine needs, such as `--runtime=runc --ulimit=nofile=1024:1024`.
    """
    for name in ("podman", "docker"):
        if shutil.which(name):
            return name
    raise SystemExit("There is neither podman nor docker to run the image with.")


@dataclass(frozen=True)
class Containers:
    """Containers of one image and one environment, on the network of this machine."""

    image: str
    prefix: str
    environment: Mapping[str, str]
    secrets: str  # the folder that becomes /run/secrets

    def run(self, *arguments: str, **variables: str) -> str:
        """Run a role that ends, and return what it wrote. Raises SystemExit with its output when it fails."""
        done = self._podman("run", "--rm", *self._options(variables), self.image, *arguments)
        if done.returncode:
            raise SystemExit(f"{' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")
        return done.stdout

    def shell(self, script: str) -> str:
        """What `script` writes in a container without a role."""
        options = ["--rm", "--entrypoint=sh", *self._options({})]
        return self._podman("run", *options, self.image, "-c", script).stdout

    def start(self, name: str, *arguments: str, **variables: str) -> None:
        """Start a role that stays, as `name`."""
        options = ["--detach", f"--name={self.prefix}-{name}", *self._options(variables)]
        done = self._podman("run", *options, self.image, *arguments)
        if done.returncode:
            raise SystemExit(f"{name} did not start:\n{done.stderr}")

    def inside(self, name: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return self._podman("exec", f"{self.prefix}-{name}", *arguments)

    def stop(self, name: str, *, seconds: int) -> int:
        """Ask to end, wait for it, and return the exit code; 137 is one that had to be killed."""
        self._podman("stop", f"--time={seconds}", f"{self.prefix}-{name}")
        told = self._podman("inspect", "--format={{.State.ExitCode}}", f"{self.prefix}-{name}")
        return int(told.stdout.strip() or 255)

    def logs(self, name: str) -> str:
        done = self._podman("logs", f"{self.prefix}-{name}")
        return done.stdout + done.stderr

    def remove(self, names: Sequence[str]) -> None:
        for name in names:
            self._podman("rm", "--force", "--time=0", f"{self.prefix}-{name}")

    def _options(self, variables: Mapping[str, str]) -> list[str]:
        every = {**self.environment, **variables}
        return [
            *LOCKED,
            *LOCKED_BY[runtime()],
            "--network=host",
            f"--volume={self.secrets}:/run/secrets:ro",
            *os.environ.get("CONTAINER_ARGS", "").split(),
            *(f"--env={name}={value}" for name, value in every.items()),
        ]

    def _podman(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run([runtime(), *arguments], check=False, capture_output=True, text=True)
