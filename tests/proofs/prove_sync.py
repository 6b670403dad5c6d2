"""Proves that a sync of all accounts keeps to the limit and loses nothing: `python -m tests.proofs.prove_sync`.

Uses throwaway servers, a simulated broker that takes 50 ms for each answer, and worker processes, one of which is
killed with -9 in the middle.
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path

import django
from django.test.utils import setup_databases

from config.devstack.layout import Layout
from config.devstack.servers import POSTGRES, VALKEY, Throwaway
from trading.simulator.server import SimulatorServer

SETTINGS = {
    "DJANGO_SETTINGS_MODULE": "tests.proofs.sync_settings",
    "BROKER_CONNECT_TIMEOUT": "2",
    "BROKER_READ_TIMEOUT": "3",
    "SYNC_PATIENCE": "10",
    "LOG_LEVEL": "WARNING",
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--accounts", type=int, default=1000, help="each with an API key of its own (%(default)s)"
    )
    parser.add_argument(
        "--sharing", type=int, default=100, help="accounts that share one key (%(default)s)"
    )
    parser.add_argument("--workers", type=int, default=4, help="processes (%(default)s)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gatehouse-proof-") as folder:
        Path(folder).chmod(0o711)  # PostgreSQL's user passes through
        layout = Layout(Path(folder))
        servers = Throwaway(layout, (POSTGRES, VALKEY))
        servers.start()
        try:
            with SimulatorServer(requests_per_second=10) as simulator:
                _set_up(layout, simulator, options.workers)
                from tests.proofs.many_syncs import prove

                return 0 if prove(simulator.control, options) else 1
        finally:
            servers.stop()


def _set_up(layout: Layout, simulator: SimulatorServer, workers: int) -> None:
    """Django on an empty database of ours; workers get the same through the environment."""
    os.environ.update(
        SETTINGS,
        DATABASE_URL=layout.database_url,
        REDIS_URL=layout.redis_url,
        KITE_API_URL=simulator.url,
        BULK_SYNC_HANDS=str(workers),
    )
    django.setup()
    setup_databases(verbosity=0, interactive=False)


if __name__ == "__main__":
    sys.exit(main())
