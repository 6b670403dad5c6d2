"""The OpenID provider of `openid_provider.mjs`, as a process of its own."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from config.devstack import ports
from tests.node.tooling import NODE, install


@contextmanager
def running(*, client_id: str, client_secret: str, redirect_uri: str) -> Iterator[str]:
    """Its address, while it runs with one client."""
    port = ports.any_free()
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
