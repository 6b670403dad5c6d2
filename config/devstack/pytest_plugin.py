"""A PostgreSQL and a Valkey for the test run, started once and gone after it.

Whichever of DATABASE_URL and REDIS_URL is set is used as it is. For the other, the process that the run starts in
starts a throwaway server before Django reads its settings, and says where in the environment; xdist's workers inherit
that. Each worker then has a database of its own (pytest-django) and, on our Valkey, a numbered one of its own.
A run that is killed takes its servers and their folder along: see `config.devstack.launcher`.
"""

import os
import tempfile
from collections.abc import Generator
from pathlib import Path

import pytest

OWN_POSTGRES = "GATEHOUSE_TESTS_OWN_POSTGRES"
OWN_VALKEY = "GATEHOUSE_TESTS_OWN_VALKEY"
SERVER_OF = {"DATABASE_URL": "postgres", "REDIS_URL": "valkey"}


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None, object, object]:
    """Runs before pytest-django's hook of this name, which reads the settings."""
    options = early_config.known_args_namespace
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker is None and not (options.help or options.version):
        _start_servers(early_config)
    elif worker is not None and OWN_VALKEY in os.environ:
        number = int(worker.removeprefix("gw")) + 1
        os.environ["REDIS_URL"] = f"{os.environ[OWN_VALKEY]}?db={number}"
    return (yield)


@pytest.hookimpl(optionalhook=True, tryfirst=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """`-n auto`: one more than there are cores, for a worker spends a third of its time waiting for the servers."""
    if os.environ.get("PYTEST_XDIST_AUTO_NUM_WORKERS"):
        return None
    affinity = getattr(os, "sched_getaffinity", None)
    return (len(affinity(0)) if affinity else os.cpu_count() or 1) + 1


def _start_servers(config: pytest.Config) -> None:
    missing = [name for name in SERVER_OF if not os.environ.get(name)]
    if not missing:
        return
    # Imported late: what loads before pytest-cov starts is not measured.
    from config.devstack.errors import DevstackError  # noqa: PLC0415
    from config.devstack.layout import Layout  # noqa: PLC0415
    from config.devstack.servers import Throwaway  # noqa: PLC0415

    state_dir = Path(tempfile.mkdtemp(prefix="gatehouse-tests-"))
    state_dir.chmod(0o711)  # its folders are private; PostgreSQL's user passes through this one
    layout = Layout(state_dir)
    servers = Throwaway(layout, {SERVER_OF[name] for name in missing})
    config.add_cleanup(servers.stop)
    try:
        servers.start()
    except DevstackError as error:
        raise pytest.UsageError(str(error)) from error
    if "DATABASE_URL" in missing:
        os.environ["DATABASE_URL"] = os.environ[OWN_POSTGRES] = layout.database_url
    if "REDIS_URL" in missing:
        os.environ["REDIS_URL"] = os.environ[OWN_VALKEY] = layout.redis_url
