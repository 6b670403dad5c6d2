"""TCP ports on this machine."""

import json
import socket

from config.devstack.errors import DevstackError
from config.devstack.files import replace
from config.devstack.layout import Layout

LOOPBACK = "127.0.0.1"
LOOPBACK_NAME = "localhost"  # for pages: passkeys belong to names


def is_free(port: int) -> bool:
    """Whether a server could listen on `port` of the loopback interface now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def any_free() -> int:
    """A port of the loopback interface on which nobody listens now."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def demand_free(port: int) -> None:
    """Raises DevstackError when `port` is taken."""
    if not is_free(port):
        raise DevstackError(f"Port {port} is taken: choose another with `make serve PORT=…`.")


def simulator_port(layout: Layout) -> int:
    """A free port for the broker simulator: the one of the last time if it still is, so that links stay right."""
    port = remembered_simulator_port(layout)
    if port is None or not is_free(port):
        port = any_free()
        replace(layout.ports_file, json.dumps({"simulator": port}).encode())
    return port


def remembered_simulator_port(layout: Layout) -> int | None:
    try:
        return int(json.loads(layout.ports_file.read_text())["simulator"])
    except FileNotFoundError:
        return None
