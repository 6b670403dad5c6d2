"""What development fills in where nothing is set."""

from config.devstack import lock, ports
from config.devstack.layout import Layout
from config.settings.environment import Environment

SIMULATOR_LOGIN_PATH = "/connect/login"


def complete(environment: Environment, layout: Layout) -> Environment:
    """`environment` with a key file made, addresses that follow the running stack, and the simulator as broker."""
    made: dict[str, object] = {}
    if "public_url" not in environment.model_fields_set:
        made["public_url"] = f"http://{ports.LOOPBACK_NAME}:{_web_port(environment, layout)}"
    if environment.vault_local_key is None and environment.vault_local_key_file is None:
        made["vault_local_key_file"] = layout.vault_key_file()
    simulator = ports.remembered_simulator_port(layout)
    if simulator is not None:
        root = f"http://{ports.LOOPBACK}:{simulator}"
        if environment.kite_api_url is None:
            made["kite_api_url"] = root
        if environment.kite_login_url is None:
            made["kite_login_url"] = root + SIMULATOR_LOGIN_PATH
    return environment.model_copy(update=made)


def _web_port(environment: Environment, layout: Layout) -> int:
    """PORT if it is set, else the running stack's."""
    running = None if "port" in environment.model_fields_set else lock.holder(layout)
    return running.port if running else environment.port
