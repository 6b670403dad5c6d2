"""The OpenID provider of `openid_provider.mjs`, as a process of its own."""

import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from tests.node.tooling import NODE, install


@contextmanager
def running(*, client_id: str, client_secret: str, redirect_uri: str) -> Iterator[str]:
    """Its address, while it runs with one client."""
    port = _free_port()
    arguments = [str(port), client_id, client_secret, redirect_uri]
    process = subprocess.Popen(
        [NODE, "openid_provider.mjs", *arguments],
        cwd=install(),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield f"http://localhost:{port}"
    finally:
        process.terminate()
        process.wait(timeout=10)
        if process.stdout is not None:
            process.stdout.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
